import { NewScope, RequestBuilder } from './builder.ts';
import { SPAN } from './message-shape.ts';
import { SpanView } from './span-view.ts';
import type { BatchOptions } from './telemetry-batch.ts';
import { TracesBatch } from './traces-batch.ts';
import { WireMessage } from './wire-message.ts';

/** A scope of spans in the making. */
export class NewSpansScope extends NewScope {
  /** A new span, to be filled until the next is added to this scope. */
  addSpan(): SpanView {
    return this.begin(new SpanView(new WireMessage(SPAN), null));
  }

  /** Adds a copy of a span, edits included; untouched, its bytes are copied as they are. To move it, drop it afterwards. */
  copySpan(span: SpanView): void {
    this.copy(span);
  }
}

/** Makes a batch of traces. */
export class TracesBuilder extends RequestBuilder<NewSpansScope> {
  constructor() {
    super(() => new NewSpansScope());
  }

  build(options: BatchOptions = {}): TracesBatch {
    return TracesBatch.of([this.toBytes(options.allocate)], options);
  }
}
