import type { Value } from './value.ts';

/** How one field of an item is written in the short form, and in OTLP/JSON. */
export interface Field {
  /** Its name in the short form. */
  readonly name: string;
  /** Where it stands in the message, as keys of OTLP/JSON. */
  readonly path: readonly string[];
  readonly form: Form;
  /** What records are given where nobody says it, such as the time: only compared where it is written. */
  readonly isFilledIn?: boolean;
}

/** A type of field. */
export interface Form {
  /** For messages: what is expected here. */
  readonly expects: string;
  /** The value of what stands in OTLP/JSON; undefined where that is the default. */
  read(json: unknown): Value | undefined;
  /** What to put into OTLP/JSON; undefined where the value does not fit. */
  write(value: Value): unknown;
  /** Brings what people may write into the form that {@link read} gives; undefined where it does not fit. */
  canonical(value: Value): Value | undefined;
  /** Fields of the maps in a list. */
  readonly fields?: readonly Field[];
}

/** What stands at a path in a JSON object. */
export function valueAt(json: unknown, path: readonly string[]): unknown {
  let at = json;
  for (const key of path) at = (at as Record<string, unknown> | undefined)?.[key];
  return at;
}

/** Puts a value at a path into a JSON object. */
export function putAt(json: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = json;
  for (const key of path.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>;
  at[path[path.length - 1]] = value;
}
