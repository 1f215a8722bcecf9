import type { SchemaData } from '@millrace/api';
import { EDITOR_KEYWORDS, jsonSchema } from '@millrace/config';
import { always, type Rule, type Violation } from './rule.ts';
import type { Subject } from './subject.ts';

/** What {@link SchemaData} knows; anything else would be ignored silently. */
const KEYWORDS = new Set([
  'type',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'enum',
  'const',
  'anyOf',
  'minimum',
  'exclusiveMinimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'items',
  'minItems',
  'maxItems',
  'uniqueItems',
  'properties',
  'required',
  'additionalProperties',
  'x-type',
  'x-secret',
  'x-optional',
  'x-null',
  'x-unsupported',
  'x-inert',
  'x-kind',
]);

/** What holds for a config schema as data. */
export const SCHEMA_RULES: readonly Rule[] = [
  {
    id: 'config/schema',
    says: 'the config schema is an object schema of known keywords that Ajv compiles in strict mode',
    appliesTo: always,
    check: async (subject) => [...keywords(subject.definition.config), ...(await compiled(subject))],
  },
  {
    id: 'config/documented',
    says: 'every property of the config has a description',
    appliesTo: always,
    check: ({ definition }) => Promise.resolve([...undocumented(definition.config)]),
  },
];

interface Place {
  readonly path: string;
  readonly schema: SchemaData;
  /** It is the value of a key that people write. */
  readonly isProperty: boolean;
}

/** A schema and all schemas in it. */
export function* placesIn(schema: SchemaData, path = '', isProperty = false): Iterable<Place> {
  yield { path, schema, isProperty };
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    yield* placesIn(inner, path === '' ? key : `${path}.${key}`, true);
  }
  if (schema.items !== undefined) yield* placesIn(schema.items, `${path}[]`);
  if (typeof schema.additionalProperties === 'object') yield* placesIn(schema.additionalProperties, `${path}.*`);
  for (const option of schema.anyOf ?? []) yield* placesIn(option, path);
}

function* keywords(root: SchemaData): Iterable<Violation> {
  if (root.type !== 'object') {
    yield { seen: `a config schema of type ${String(root.type)}`, remedy: 'make it with Type.Object({ … })' };
  }
  for (const { path, schema } of placesIn(root)) {
    for (const keyword of Object.keys(schema)) {
      if (KEYWORDS.has(keyword)) continue;
      yield { seen: `the keyword "${keyword}" at ${path || 'the top'}`, remedy: 'remove it: nothing looks at it' };
    }
  }
}

async function compiled({ definition }: Subject): Promise<Violation[]> {
  const { Ajv } = await import('ajv');
  const ajv = new Ajv({ strict: true, allowUnionTypes: true });
  for (const keyword of EDITOR_KEYWORDS) ajv.addKeyword(keyword);
  try {
    const { definitions } = jsonSchema([definition]) as { definitions: Record<string, object> };
    for (const schema of Object.values(definitions)) ajv.compile(schema);
    return [];
  } catch (error) {
    return [
      { seen: `Ajv says: ${String(error)}`, remedy: 'use the builders of Type, which know what strict mode wants' },
    ];
  }
}

function* undocumented(root: SchemaData): Iterable<Violation> {
  for (const { path, schema, isProperty } of placesIn(root)) {
    if (!isProperty || (schema.description ?? '').trim() !== '') continue;
    yield { seen: `the key "${path}" has no description`, remedy: 'say in one sentence what it does' };
  }
}
