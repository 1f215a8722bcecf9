import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';

/** The key under which `suppressTracing` of @opentelemetry/core notes it; instrumentations look there. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
const QUIET = ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true);

/**
 * Runs what a collector does, and all that comes of it, out of sight of the program's own instrumentations: a span for each
 * request of an exporter would be exported in turn, for ever. It is no part of what the program is about at this moment, either.
 */
export function quietly<T>(work: () => T): T {
  return context.with(QUIET, work);
}
