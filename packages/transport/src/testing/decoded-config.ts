import type { Schema, SchemaData, Static } from '@millrace/api';

type Deep<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: Deep<T[K]> } : T;

/** A config as it comes decoded from YAML: the schema's defaults with `given` (decoded values) on top. */
export function decoded<S extends Schema>(schema: S, given: Deep<Static<S>> = {} as Deep<Static<S>>): Static<S> {
  return fill(schema, given) as Static<S>;
}

function fill(schema: SchemaData, given: unknown): unknown {
  if (schema.properties === undefined) return given ?? byDefault(schema);
  const source = (given ?? {}) as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties)) {
    if (property['x-optional'] === true && source[name] === undefined) continue;
    const value = fill(property, source[name]);
    if (value !== undefined) result[name] = value;
  }
  return result;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function byDefault(schema: SchemaData): unknown {
  if (schema['x-type'] !== 'duration') return schema.default;
  const match = /^(\d+)(ms|s|m|h)?$/.exec(String(schema.default));
  if (match === null) throw new Error(`the test cannot read the duration ${String(schema.default)}`);
  return Number(match[1]) * (match[2] === undefined ? 1 : UNIT_MS[match[2]]);
}
