import { OttlRuntimeError } from '../ottl-error.ts';
import type { Value } from './value.ts';

/** JSON as OTTL values: all numbers are float64, objects are maps in the order of the text. Throws OttlRuntimeError. */
export function parseJson(text: string): Value {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new OttlRuntimeError(`invalid JSON: ${(error as Error).message}`);
  }
  return fromJson(parsed);
}

function fromJson(value: unknown): Value {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== 'object' || value === null) return value as Value;
  return new Map(Object.entries(value).map(([key, each]) => [key, fromJson(each)]));
}
