import { SpanPolicy } from './span-policy.ts';

/** W3C trace context, section "sampled flag". */
const SAMPLED = 1;

/** Samples traces with a span whose sampled flag is set. */
export function traceFlags(): SpanPolicy {
  return new SpanPolicy((span) => (span.flags & SAMPLED) !== 0);
}
