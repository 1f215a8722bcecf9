import { SIGNALS, type Definition, type SchemaData } from '@millrace/api';
import { SECTION_NAMES, SECTIONS } from './component-entries.ts';
import { pluginSchema } from './plugin-entries.ts';
import { serviceSchema } from './service-schema.ts';

type JsonSchema = Record<string, unknown>;

/** Values that stand in a `${...}` are known only when a configuration is loaded. */
const REFERENCE = '\\$\\{';
const DURATION = '^[-+]?(0|([0-9]*\\.?[0-9]*(ns|us|µs|μs|ms|s|m|h))+)$';
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
      service: serviceJsonSchema(),
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
    properties,
    patternProperties,
    additionalProperties: false,
  };
}

function componentSchema({ summary, stability, config }: Definition): JsonSchema {
  const described = stability === 'stable' ? summary : `${summary} (${stability})`;
  return { ...written(config), description: described, ...(stability === 'deprecated' ? { deprecated: true } : {}) };
}

function serviceJsonSchema(): JsonSchema {
  const schema = written(serviceSchema);
  const properties = schema['properties'] as Record<string, JsonSchema>;
  const { additionalProperties: pipeline, ...pipelines } = properties['pipelines'];
  const patternProperties = { [`^(${SIGNALS.join('|')})(/.+)?$`]: pipeline };
  const names = Object.fromEntries(SIGNALS.map((signal) => [signal, pipeline]));
  return {
    ...schema,
    properties: {
      ...properties,
      pipelines: { ...pipelines, properties: names, patternProperties, additionalProperties: false },
    },
  };
}

/** The schema of what is written for what a schema decodes to. */
function written(schema: SchemaData): JsonSchema {
  return { ...notes(schema), ...shape(schema) };
}

function notes(schema: SchemaData): JsonSchema {
  const kept = ['title', 'description', 'default', 'examples', 'deprecated'] as const;
  const entries = kept.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]]);
  const message =
    schema.deprecated === true && schema.description !== undefined ? { deprecationMessage: schema.description } : {};
  return { ...Object.fromEntries(entries), ...message };
}

function shape(schema: SchemaData): JsonSchema {
  if (schema['x-unsupported'] !== undefined) return { type: 'null' };
  if (schema.anyOf !== undefined)
    return { anyOf: [...schema.anyOf.map(written), { type: 'string', pattern: REFERENCE }] };
  if (schema['x-type'] === 'duration') {
    return { type: ['string', 'integer', 'null'], pattern: `${DURATION}|${REFERENCE}`, minimum: 0, maximum: 0 };
  }
  if (schema['x-type'] === 'bytes')
    return { type: ['integer', 'string', 'null'], pattern: `${BYTE_SIZE}|${REFERENCE}` };
  if (schema['x-kind'] === 'dead_letter') return { type: 'string' };
  if (schema['x-type'] === 'component-id') return { type: 'string', pattern: `${COMPONENT_ID}|${REFERENCE}` };
  if (schema.enum !== undefined || schema.const !== undefined) {
    return {
      anyOf: [{ enum: schema.enum ?? [schema.const] }, { type: 'string', pattern: REFERENCE }, { type: 'null' }],
    };
  }
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
      return {
        type: [schema.type, 'string', 'null'],
        pattern: REFERENCE,
        ...picked(schema, ['minimum', 'exclusiveMinimum', 'maximum']),
      };
    case 'boolean':
      return { type: ['boolean', 'string', 'null'], pattern: REFERENCE };
    default:
      return {};
  }
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
    properties: Object.fromEntries(properties),
    ...picked(schema, ['required']),
    additionalProperties: typeof free === 'object' ? written(free) : (free ?? true),
  };
}

/** Strings take numbers and booleans as they are written. */
function stringShape(schema: SchemaData): JsonSchema {
  const lengths = picked(schema, ['minLength', 'maxLength']);
  const pattern = schema.pattern === undefined ? {} : { pattern: `(${schema.pattern})|${REFERENCE}` };
  return { type: ['string', 'number', 'boolean', 'null'], ...lengths, ...pattern };
}

function picked(schema: SchemaData, keys: readonly (keyof SchemaData)[]): JsonSchema {
  return Object.fromEntries(keys.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]]));
}
