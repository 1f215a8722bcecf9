import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { Exporter } from './exporter.ts';
import type { Intake } from './intake.ts';
import { encodeSpans } from './signal-encoder.ts';

export interface SpanExporterOptions {
  /** `collector.receiver('app')` */
  readonly receiver: Pick<Intake, 'traces'>;
  /** How long the collector may take, refusals for the moment included, in milliseconds. Default: 30,000. */
  readonly exportTimeoutMillis?: number;
}

/** Hands spans to a collector in this process, for a span processor of the SDK's; {@link MillraceSpanProcessor} needs none. */
export class MillraceSpanExporter extends Exporter<ReadableSpan[]> implements SpanExporter {
  constructor({ receiver, exportTimeoutMillis = 30_000 }: SpanExporterOptions) {
    super({
      who: 'MillraceSpanExporter',
      items: 'spans',
      exportTimeoutMillis,
      count: (spans) => spans.length,
      encode: encodeSpans,
      send: (request) => receiver.traces(request),
    });
  }
}
