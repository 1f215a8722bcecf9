import { SIGNALS, type Definition } from '@millrace/api';
import { SECTION_NAMES, SECTIONS } from './component-entries.ts';
import { NO_MAP, offered, REFERENCE, written, type JsonSchema } from './json-schema-of-written.ts';
import { pluginSchema } from './plugin-entries.ts';
import { serviceSchema } from './service-schema.ts';

/** What YAML language servers understand beside JSON Schema, and {@link jsonSchema} uses. */
export const EDITOR_KEYWORDS = [
  'defaultSnippets',
  'deprecationMessage',
  'doNotSuggest',
  'errorMessage',
  'markdownDescription',
  'patternErrorMessage',
];

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
