import { OttlRuntimeError } from '../ottl-error.ts';

/** Most entries of a W3C trace state. */
const ENTRIES_MAX = 32;
const KEY = /^(?:[a-z][_0-9a-z\-*/]{0,255}|[a-z0-9][_0-9a-z\-*/]{0,240}@[a-z][_0-9a-z\-*/]{0,13})$/;
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** The entries of a W3C trace state, in order; undefined when it is none. */
export function parseTraceState(text: string): [key: string, value: string][] | undefined {
  const entries: [string, string][] = [];
  const seen = new Set<string>();
  for (const member of text.split(',')) {
    const trimmed = member.replace(/^[ \t]+|[ \t]+$/g, '');
    if (trimmed === '') continue;
    const at = trimmed.indexOf('=');
    const key = trimmed.slice(0, at);
    const value = trimmed.slice(at + 1);
    if (at < 0 || !KEY.test(key) || !VALUE.test(value) || seen.has(key) || entries.length === ENTRIES_MAX)
      return undefined;
    seen.add(key);
    entries.push([key, value]);
  }
  return entries;
}

/** An entry's value, '' where there is none, nil where the whole is no trace state. */
export function traceStateEntry(text: string, key: string): string | null {
  const entries = parseTraceState(text);
  if (entries === undefined) return null;
  return entries.find(([name]) => name === key)?.[1] ?? '';
}

/** The trace state with an entry set, which comes first then. What is no trace state, or would be none, stays. */
export function setTraceStateEntry(text: string, key: string, value: unknown): string {
  if (typeof value !== 'string') throw new OttlRuntimeError('an entry of trace_state expects string');
  const entries = parseTraceState(text);
  if (entries === undefined || !KEY.test(key) || !VALUE.test(value)) return text;
  const others = entries.filter(([name]) => name !== key).slice(0, ENTRIES_MAX - 1);
  return [[key, value], ...others].map((entry) => entry.join('=')).join(',');
}
