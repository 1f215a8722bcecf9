import { SIGNALS, type Definition, type SchemaData } from '@millrace/api';
import { SECTION_NAMES, SECTIONS } from './component-entries.ts';
import { pluginSchema } from './plugin-entries.ts';
import { serviceSchema } from './service-schema.ts';

type JsonSchema = Record<string, unknown>;

/** Values that stand in a `${...}` are known only when a configuration is loaded. */
const REFERENCE = '\\$\\{';
const NO_MAP = 'It must be a map of keys and values.';
const DURATION = '^[-+]?(0|([0-9]*\\.?[0-9]*(ns|us|µs|μs|ms|s|m|h))+)$';
/** A number in YAML 1.1, and for us; text in YAML 1.2, which editors read. */
const GROUPED_DIGITS = '^[-+]?[0-9]+(_[0-9]+)+$';
const BYTE_SIZE = '^[0-9]+(\\.[0-9]+)? *([kKmMgGtT]i?)?[bB]?$';
const COMPONENT_ID = '^ *[a-zA-Z][0-9a-zA-Z_]{0,62} *(/.+)?$';

/**
 * One JSON Schema (draft-07, which yaml-language-server reads) for a whole configuration file that uses these
 * components. It describes what people write: durations are text, empty objects may be left empty.
 */
export function jsonSchema(definitions: Iterable<Definition>): JsonSchema {
  const all = [...definitions];
  const sections = SECTION_NAMES.map((section) => {
    const own = all.filter((definition) => definition.kind === SECTIONS[section]);
    return [section, sectionSchema(own)] as const;
  });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Millrace configuration',
    type: 'object',
    properties: {
      ...Object.fromEntries(sections),
      service: serviceJsonSchema(all),
      plugins: {
        description: 'Plugins to load: paths, relative to this file, or names of packages.',
        type: 'array',
        items: { anyOf: [{ type: 'string' }, written(pluginSchema)] },
      },
    },
    additionalProperties: false,
    definitions: Object.fromEntries(all.map((definition) => [nameOf(definition), componentSchema(definition)])),
  };
}

function nameOf({ kind, type }: Definition): string {
  return `${kind}.${type}`;
}

function sectionSchema(definitions: readonly Definition[]): JsonSchema {
  const properties: JsonSchema = {};
  const patternProperties: JsonSchema = {};
  for (const definition of definitions) {
    const reference = { $ref: `#/definitions/${nameOf(definition)}` };
    for (const type of [definition.type, ...(definition.aliases ?? [])]) {
      // Editors complete keys from `properties`, and check `type/name` by the pattern.
      properties[type] = reference;
      patternProperties[`^${type}(/.+)?$`] = reference;
    }
  }
  return {
    type: ['object', 'string', 'null'],
    pattern: REFERENCE,
    patternErrorMessage: NO_MAP,
    properties,
    patternProperties,
    additionalProperties: false,
  };
}

function componentSchema({ kind, type, summary, stability, config }: Definition): JsonSchema {
  const described = stability === 'stable' ? summary : `${summary} (${stability})`;
  return {
    ...written(config),
    // What stands above the help for the component, and for each of its keys.
    title: `${type} ${kind}`,
    description: described,
    ...(stability === 'deprecated' ? { deprecated: true } : {}),
  };
}

function serviceJsonSchema(all: readonly Definition[]): JsonSchema {
  const schema = written(serviceSchema);
  const properties = schema['properties'] as Record<string, JsonSchema>;
  const { additionalProperties, ...pipelines } = properties['pipelines'];
  const pipeline = withOffers(additionalProperties as JsonSchema, {
    receivers: typesOf(all, ['receiver', 'connector']),
    processors: typesOf(all, ['processor']),
    exporters: typesOf(all, ['exporter', 'connector']),
  });
  const patternProperties = { [`^(${SIGNALS.join('|')})(/.+)?$`]: pipeline };
  const names = Object.fromEntries(SIGNALS.map((signal) => [signal, pipeline]));
  const own = withOffers(schema, { extensions: typesOf(all, ['extension']) })['properties'] as Record<
    string,
    JsonSchema
  >;
  return {
    ...schema,
    properties: {
      ...own,
      pipelines: { ...pipelines, properties: names, patternProperties, additionalProperties: false },
    },
  };
}

function typesOf(all: readonly Definition[], kinds: readonly Definition['kind'][]): readonly string[] {
  return all.filter(({ kind }) => kinds.includes(kind)).map(({ type }) => type);
}

/** An object whose lists of component ids offer types: no schema can know which ids a file defines. */
function withOffers(schema: JsonSchema, types: Readonly<Record<string, readonly string[]>>): JsonSchema {
  const properties = { ...(schema['properties'] as Record<string, JsonSchema>) };
  for (const [key, values] of Object.entries(types)) {
    const list = properties[key];
    properties[key] = { ...list, items: { ...(list['items'] as JsonSchema), ...offered(values) } };
  }
  return { ...schema, properties };
}

/** The schema of what is written for what a schema decodes to. */
function written(schema: SchemaData): JsonSchema {
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
function offered(values: readonly unknown[]): JsonSchema {
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
