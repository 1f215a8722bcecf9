import { SpanPolicy } from './span-policy.ts';

/** Limits of the W3C trace context. */
const MEMBERS_MAX = 32;
/** A key, the equals sign and a value have no more characters than this, or are no use to look for. */
const MEMBER_UNITS_MAX = 256;

const KEY = /^(?:[a-z][_0-9a-z\-*/]{0,255}|[a-z0-9][_0-9a-z\-*/]{0,240}@[a-z][_0-9a-z\-*/]{0,13})$/;
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** Samples traces with a span whose tracestate has one of these values under a key. */
export function traceState({ key, values }: { readonly key: string; readonly values: readonly string[] }): SpanPolicy {
  const wanted = new Set(values.filter((value) => value !== '' && key.length + value.length < MEMBER_UNITS_MAX));
  return new SpanPolicy((span) => {
    const text = span.traceState;
    if (text === '') return false;
    const value = memberOf(text, key);
    return value !== undefined && wanted.has(value);
  });
}

/** The value under a key; undefined where there is none, or where the text is no tracestate. */
function memberOf(text: string, wanted: string): string | undefined {
  const keys = new Set<string>();
  let found: string | undefined;
  for (const untrimmed of text.split(',')) {
    const member = untrimmed.replace(/^[ \t]+|[ \t]+$/g, '');
    if (member === '') continue;
    const equals = member.indexOf('=');
    const [key, value] = [member.slice(0, Math.max(0, equals)), member.slice(equals + 1)];
    if (!KEY.test(key) || !VALUE.test(value) || keys.has(key) || keys.size === MEMBERS_MAX) return undefined;
    keys.add(key);
    if (key === wanted) found = value;
  }
  return found;
}
