import type { SchemaData } from '@millrace/api';

export type JsonSchema = Record<string, unknown>;

/** Values that stand in a `${...}` are known only when a configuration is loaded. */
export const REFERENCE = '\\$\\{';
/** Said of anything else where a map has to stand. */
export const NO_MAP = 'It must be a map of keys and values.';
const DURATION = '^[-+]?(0|([0-9]*\\.?[0-9]*(ns|us|µs|μs|ms|s|m|h))+)$';
/** A number in YAML 1.1, and for us; text in YAML 1.2, which editors read. */
const GROUPED_DIGITS = '^[-+]?[0-9]+(_[0-9]+)+$';
const BYTE_SIZE = '^[0-9]+(\\.[0-9]+)? *([kKmMgGtT]i?)?[bB]?$';
const COMPONENT_ID = '^ *[a-zA-Z][0-9a-zA-Z_]{0,62} *(/.+)?$';

/** The schema of what is written for what a schema decodes to. */
export function written(schema: SchemaData): JsonSchema {
  return { ...notes(schema), ...shape(schema) };
}

/** What people are told of a key, besides its shape. */
function notes(schema: SchemaData): JsonSchema {
  const kept = ['title', 'description', 'default', 'deprecated'] as const;
  const entries = kept.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]]);
  const { description, examples = [] } = schema;
  const message = schema.deprecated === true && description !== undefined ? { deprecationMessage: description } : {};
  const help = [description, defaultText(schema), examplesText(schema)].filter((part) => part !== undefined);
  return {
    ...Object.fromEntries(entries),
    ...message,
    // Editors show it instead of the description. They would not show the default, and each example in a block of its own.
    ...(help.length > 1 ? { markdownDescription: help.join('\n\n') } : {}),
    ...offered([...(schema.enum ?? []), ...(schema.type === 'boolean' ? [true, false] : []), ...examples]),
  };
}

function defaultText({ default: value }: SchemaData): string | undefined {
  const isNothing =
    value === undefined || value === '' || (typeof value === 'object' && EMPTY.has(JSON.stringify(value)));
  return isNothing ? undefined : `Default: \`${textOf(value)}\``;
}

const EMPTY: ReadonlySet<string> = new Set(['{}', '[]', 'null']);

function examplesText({ examples = [] }: SchemaData): string | undefined {
  return examples.length === 0 ? undefined : `For example: ${examples.map((each) => `\`${textOf(each)}\``).join(', ')}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Offers values where nothing is written yet. */
export function offered(values: readonly unknown[]): JsonSchema {
  return values.length === 0 ? {} : { defaultSnippets: values.map((body) => ({ label: textOf(body), body })) };
}

function shape(schema: SchemaData): JsonSchema {
  const remedy = schema['x-unsupported'];
  if (remedy !== undefined) {
    return { type: 'null', doNotSuggest: true, errorMessage: `${schema.description ?? ''} Instead: ${remedy}.`.trim() };
  }
  if (schema['x-inert'] === true) return { doNotSuggest: true };
  if (schema.anyOf !== undefined)
    return { anyOf: [...schema.anyOf.map(written), { type: 'string', pattern: REFERENCE }] };
  if (schema['x-type'] === 'duration') return durationShape();
  if (schema['x-type'] === 'bytes') {
    const patternErrorMessage = 'It must be a number of bytes, or a size such as 64MiB.';
    return { type: ['integer', 'string', 'null'], pattern: `${BYTE_SIZE}|${REFERENCE}`, patternErrorMessage };
  }
  if (schema['x-kind'] === 'dead_letter') return { type: 'string' };
  if (schema['x-type'] === 'component-id') return { type: 'string', pattern: `${COMPONENT_ID}|${REFERENCE}` };
  if (schema.enum !== undefined || schema.const !== undefined)
    return unlessReference({ enum: schema.enum ?? [schema.const] });
  switch (schema.type) {
    case 'object':
      return objectShape(schema);
    case 'array':
      return {
        type: ['array', 'string', 'null'],
        items: written(schema.items ?? {}),
        ...picked(schema, ['minItems', 'maxItems', 'uniqueItems']),
      };
    case 'string':
      return stringShape(schema);
    case 'integer':
    case 'number':
      return unlessReference(
        { type: schema.type, ...picked(schema, ['minimum', 'exclusiveMinimum', 'maximum']) },
        `${GROUPED_DIGITS}|${REFERENCE}`,
      );
    case 'boolean':
      return unlessReference({ type: 'boolean' });
    default:
      return {};
  }
}

/** A key may be left empty, and its value may stand elsewhere. (With `anyOf`, errors would speak of all branches.) */
function unlessReference(shape: JsonSchema, pattern = REFERENCE): JsonSchema {
  return { if: { type: ['string', 'null'], pattern }, else: shape };
}

function durationShape(): JsonSchema {
  const message = 'It must be a duration with its unit, such as 5s, 200ms or 1h30m.';
  const text = {
    type: 'string',
    pattern: `${DURATION}|${REFERENCE}`,
    patternErrorMessage: message,
    errorMessage: message,
  };
  return { if: { type: ['integer', 'null'], minimum: 0, maximum: 0 }, else: text };
}

function objectShape(schema: SchemaData): JsonSchema {
  const properties = Object.entries(schema.properties ?? {}).map(
    ([key, property]) => [key, written(property)] as const,
  );
  const free = schema.additionalProperties;
  return {
    // A string is a reference to a map: `tls: ${file:tls.yaml}`.
    type: ['object', 'string', 'null'],
    pattern: REFERENCE,
    patternErrorMessage: NO_MAP,
    properties: Object.fromEntries(properties),
    ...picked(schema, ['required']),
    additionalProperties: typeof free === 'object' ? written(free) : (free ?? true),
  };
}

/** Strings take numbers and booleans as they are written; said such that editors do not offer them. */
function stringShape(schema: SchemaData): JsonSchema {
  const lengths = picked(schema, ['minLength', 'maxLength']);
  const pattern = schema.pattern === undefined ? {} : { pattern: `(${schema.pattern})|${REFERENCE}` };
  return { if: { type: ['number', 'boolean', 'null'] }, else: { type: 'string', ...lengths, ...pattern } };
}

function picked(schema: SchemaData, keys: readonly (keyof SchemaData)[]): JsonSchema {
  return Object.fromEntries(keys.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]]));
}
