import { context, createContextKey } from '@opentelemetry/api';

/** The key under which `suppressTracing` of @opentelemetry/core notes it; instrumentations look there. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/**
 * Runs what a collector does, and all that comes of it, out of sight of the program's own instrumentations: a span for each
 * request of an exporter would be exported in turn, for ever.
 */
export function quietly<T>(work: () => T): T {
  return context.with(context.active().setValue(SUPPRESS_TRACING, true), work);
}
