import type { Signal } from '@millrace/api';
import {
  compileValue,
  functionRegistry,
  STANDARD_FUNCTIONS,
  typeOf,
  type Value,
  type ValueReader,
} from '@millrace/ottl';

/** What keys are read from. */
export const KEY_CONTEXTS = { logs: 'log', traces: 'span', metrics: 'datapoint' } as const;

const FUNCTIONS = functionRegistry(STANDARD_FUNCTIONS);

/** Compiles the `key` of a lookup. Throws OttlErrors. */
export function compileKey(key: string, signal: Signal, now: () => bigint): ValueReader {
  if (signal === 'profiles') throw new Error('profiles have no items that can be read');
  return compileValue({ value: key, context: KEY_CONTEXTS[signal], functions: FUNCTIONS, now });
}

/** A key as tables have it; '' for what is none. */
export function keyText(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
    case 'boolean':
    case 'number':
      return String(value);
    default:
      if (value instanceof Uint8Array) return new TextDecoder().decode(value);
      if (value !== null && typeOf(value) === 'id') return (value as { readonly hex: string }).hex;
      return '';
  }
}
