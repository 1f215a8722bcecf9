import { SpanPolicy } from './span-policy.ts';

const CODES = { UNSET: 0, OK: 1, ERROR: 2 } as const;

/** Samples traces with a span that has one of these status codes. */
export function statusCode(names: readonly (keyof typeof CODES)[]): SpanPolicy {
  const codes = new Set(names.map((name): number => CODES[name]));
  return new SpanPolicy((span) => codes.has(span.statusCode));
}
