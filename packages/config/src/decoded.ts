import type { SchemaData } from '@millrace/api';
import type { DecodeContext } from './decode-context.ts';
import type { ConfigNode, Path } from './node.ts';
import type { Origin } from './source.ts';

/** A place in the schema and the configuration. */
export interface Place {
  readonly path: Path;
  /** Where a fault is shown when the value itself is missing: the entry that should hold it. */
  readonly parent: Origin;
  /** The value is a default of the schema, whose author has seen to its constraints. */
  readonly byDefault?: boolean;
}

/** How decoders of composed values call the one that dispatches by schema. */
export type Decode = (
  schema: SchemaData,
  node: ConfigNode | undefined,
  place: Place,
  context: DecodeContext,
) => unknown;

/** Decoding failed; the fault has been reported. */
export const FAILED = Symbol('failed');
/** The setting is absent and may be. */
export const ABSENT = Symbol('absent');

const incomplete = new WeakSet<object>();

/** Remembers that parts of a value could not be decoded: what is there can still be checked. */
export function markIncomplete<T extends object>(value: T): T {
  incomplete.add(value);
  return value;
}

/** Whether a fault was reported while decoding this value. */
export function isIncomplete(value: unknown): boolean {
  if (value === FAILED) return true;
  if (typeof value !== 'object' || value === null) return false;
  return incomplete.has(value) || Object.values(value).some(isIncomplete);
}
