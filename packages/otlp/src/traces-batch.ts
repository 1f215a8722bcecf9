import { Container } from './container.ts';
import { currentItemRequest } from './envelope.ts';
import { SpanView } from './span-view.ts';
import { SPAN, REQUEST, RESOURCE_ITEMS, SCOPE_ITEMS } from './message-shape.ts';
import { ResourceView } from './resource-view.ts';
import { ScopeView } from './scope-view.ts';
import { TelemetryBatch, type BatchOptions } from './telemetry-batch.ts';
import { ViewIterator } from './view-iterator.ts';
import { WireMessage } from './wire-message.ts';

export type SpansResourceView = ResourceView<SpansScopeView>;

/** A scope of a batch of traces. */
export class SpansScopeView extends ScopeView<SpansResourceView> {
  get spans(): IterableIterator<SpanView> {
    this.container.restart();
    return new ViewIterator<SpanView>(this.container, null);
  }

  /** A new span behind the others. Fill it before the next is added and before the loop goes on to another scope. */
  addSpan(): SpanView {
    const message = new WireMessage(SPAN);
    this.container.add(message, 2);
    return new SpanView(message, this);
  }

  /** @internal */
  cloneSpan(): SpanView {
    const [span] = TracesBatch.of([currentItemRequest(this.container)]).spans;
    return span;
  }
}

/** Spans on the wire. */
export class TracesBatch extends TelemetryBatch {
  readonly signal = 'traces';
  private tree: SpansResourceView | null = null;
  private scopes: Container | null = null;

  static of(chunks: Iterable<Uint8Array>, options: BatchOptions = {}): TracesBatch {
    return new TracesBatch(chunks, options);
  }

  get resources(): IterableIterator<SpansResourceView> {
    this.ensureTree();
    return this.iterate(this.tree!.container.parent!);
  }

  /** All spans of all resources and scopes; `span.resource` and `span.scope` say where each is. */
  get spans(): IterableIterator<SpanView> {
    this.ensureTree();
    return this.iterate(this.scopes!);
  }

  protected override withChunks(chunks: Iterable<Uint8Array>): this {
    return new TracesBatch(chunks, { allocate: this.allocate }) as this;
  }

  private ensureTree(): void {
    if (this.tree !== null) return;
    const splicer = this.makeSplicer();
    const root = new Container(null, REQUEST, [1], splicer);
    const resource = new ResourceView<SpansScopeView>(new Container(root, RESOURCE_ITEMS, [2], splicer));
    const scopes = new Container(resource.container, SCOPE_ITEMS, [2], splicer);
    scopes.leaf = new WireMessage(SPAN);
    const scope = new SpansScopeView(scopes, resource);
    scopes.leaf.view = new SpanView(scopes.leaf, scope);
    this.useRoot(root);
    this.scopes = scopes;
    this.tree = resource;
  }
}
