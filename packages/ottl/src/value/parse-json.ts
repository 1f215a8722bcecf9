import { MAX_DEPTH } from '@millrace/otlp';
import { OttlRuntimeError } from '../ottl-error.ts';
import type { Value } from './value.ts';

/**
 * A JSON array or object as a list or map: all numbers are float64, maps are in the order of the text. Strings may hold control
 * characters as they are. Throws OttlRuntimeError for all else, for numbers beyond float64, and for what is nested deeper than a
 * value can be.
 */
export function parseJson(text: string): Value {
  const parsed = parseLoose(text);
  if (typeof parsed !== 'object' || parsed === null)
    throw new OttlRuntimeError(`expected a JSON object or array but got ${parsed === null ? 'null' : typeof parsed}`);
  return fromJson(parsed, 1);
}

function parseLoose(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const escaped = escapeControls(text);
    if (escaped === text) throw new OttlRuntimeError(`invalid JSON: ${(error as Error).message}`);
    return parseLoose(escaped);
  }
}

/** A string of JSON, closed or not, as far as it goes. */
const STRING = /"(?:[^"\\]|\\[^])*/g;
// oxlint-disable-next-line no-control-regex -- They are what is looked for.
const CONTROL = /[\u0000-\u001f]/g;

function escapeControls(text: string): string {
  // A match begins at an opening quote and stops before the closing one, which must not open the next.
  let out = '';
  let at = 0;
  for (STRING.lastIndex = 0; ; STRING.lastIndex = at) {
    const match = STRING.exec(text);
    if (match === null) return out + text.slice(at);
    const end = match.index + match[0].length;
    const escaped = match[0].replace(CONTROL, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    out += text.slice(at, match.index) + escaped + (end < text.length ? '"' : '');
    at = end + 1;
  }
}

function fromJson(value: unknown, depth: number): Value {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new OttlRuntimeError('a number is beyond float64');
  if (typeof value !== 'object' || value === null) return value as Value;
  if (depth > MAX_DEPTH) throw new OttlRuntimeError(`JSON is nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) return value.map((each) => fromJson(each, depth + 1));
  return new Map(Object.entries(value).map(([key, each]) => [key, fromJson(each, depth + 1)]));
}
