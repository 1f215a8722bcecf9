import type { SchemaData } from '@millrace/api';

/**
 * What is left of a schema to check once a value has been decoded by it. The decoder has seen to types, unknown and
 * missing keys, and has picked the options of unions; a schema of which nothing is left (undefined) need not be
 * compiled at all.
 */
export function constraintSchema(schema: SchemaData): object | undefined {
  if (schema.anyOf !== undefined) return undefined;
  if (schema['x-type'] === 'component-id') return undefined;
  if (schema['x-type'] === 'duration' || schema['x-type'] === 'bytes') return constrained('number', schema, NUMERIC);
  switch (schema.type) {
    case 'object':
      return objectConstraints(schema);
    case 'array':
      return arrayConstraints(schema);
    case 'string':
      return constrained('string', schema, ['minLength', 'maxLength', 'pattern', 'enum', 'const']);
    case 'integer':
    case 'number':
      return constrained(schema.type, schema, [...NUMERIC, 'enum', 'const']);
    default:
      return constrained(undefined, schema, ['enum', 'const']);
  }
}

const NUMERIC = ['minimum', 'exclusiveMinimum', 'maximum'] as const;

function constrained(
  type: string | undefined,
  schema: SchemaData,
  keywords: readonly (keyof SchemaData)[],
): object | undefined {
  const present = keywords.filter((keyword) => schema[keyword] !== undefined);
  if (present.length === 0) return undefined;
  const kept = Object.fromEntries(present.map((keyword) => [keyword, schema[keyword]]));
  return type === undefined ? kept : { type, ...kept };
}

function objectConstraints(schema: SchemaData): object | undefined {
  const properties = Object.entries(schema.properties ?? {})
    .map(([key, property]) => [key, constraintSchema(property)] as const)
    .filter(([, property]) => property !== undefined);
  const free =
    typeof schema.additionalProperties === 'object' ? constraintSchema(schema.additionalProperties) : undefined;
  if (free === undefined) {
    return properties.length === 0 ? undefined : { type: 'object', properties: Object.fromEntries(properties) };
  }
  // Keys that have a schema of their own must be named, or they would count as free ones.
  const named = Object.keys(schema.properties ?? {}).map((key) => [key, true] as const);
  return {
    type: 'object',
    properties: { ...Object.fromEntries(named), ...Object.fromEntries(properties) },
    additionalProperties: free,
  };
}

function arrayConstraints(schema: SchemaData): object | undefined {
  const items = schema.items === undefined ? undefined : constraintSchema(schema.items);
  const own = constrained('array', schema, ['minItems', 'maxItems', 'uniqueItems']);
  if (items === undefined) return own;
  return { type: 'array', ...own, items };
}
