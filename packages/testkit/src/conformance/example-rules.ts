import { isDeepStrictEqual } from 'node:util';
import { messageOf, type SchemaData } from '@millrace/api';
import { ConfigErrors, loadConfigObject } from '@millrace/config';
import { collectorOf } from '../collector-of.ts';
import { ManualClock } from '../manual-clock.ts';
import { drive } from './drive.ts';
import { always, type Rule, type Violation } from './rule.ts';
import type { Entry, Subject } from './subject.ts';
import { SECTIONS } from './wiring.ts';

/** What holds for configs that people write. */
export const EXAMPLE_RULES: readonly Rule[] = [
  {
    id: 'config/examples',
    says: 'there is an example, and every one loads without an error and builds',
    appliesTo: always,
    check: async (subject) => [...titles(subject), ...(await loads(subject)), ...(await builds(subject))],
  },
  {
    id: 'config/unknown-keys',
    says: 'a key that the schema does not have is refused',
    appliesTo: always,
    check: unknownKeys,
  },
  {
    id: 'config/defaults',
    says: 'a default is a value that may be written, and writing it changes nothing',
    appliesTo: always,
    check: defaults,
  },
];

function titles({ definition }: Subject): Violation[] {
  const found = definition.examples.map(({ title }) => title.trim());
  if (found.length === 0) return [{ seen: 'no examples', remedy: 'add one to "examples": docs show it' }];
  if (new Set(found).size === found.length && !found.includes('')) return [];
  return [{ seen: `the titles ${JSON.stringify(found)}`, remedy: 'give each example a title of its own' }];
}

async function loads(subject: Subject): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const { title, yaml } of subject.definition.examples) {
    try {
      await subject.read(title, yaml);
    } catch (error) {
      violations.push({ seen: `example "${title}": ${messageOf(error)}`, remedy: 'correct the example or the schema' });
    }
  }
  return violations;
}

async function builds(subject: Subject): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const entry of await subject.entries()) {
    try {
      const yaml = subject.wire(entry.yaml, entry.signals);
      const clock = new ManualClock();
      const built = await collectorOf(yaml, { registry: subject.registry, clock, start: false });
      await drive(clock, built.shutdown(), 'a collector that was never started does not stop');
    } catch (error) {
      const remedy = 'creation must succeed with any config that check() lets pass, without I/O';
      violations.push({ seen: `${entry.label} does not build: ${messageOf(error)}`, remedy });
    }
  }
  return violations;
}

const UNKNOWN = 'no_such_key';

async function unknownKeys(subject: Subject): Promise<Violation[]> {
  const { config: schema } = subject.definition;
  if (schema.additionalProperties === true) return [];
  const [entry] = await subject.entries();
  if (entry === undefined) return [];
  const faults = await faultsOf(subject, entry, { ...plainOf(schema, entry.config), [UNKNOWN]: 1 });
  if (faults.some(({ code, where }) => code === 'UNKNOWN_KEY' && where.includes(UNKNOWN))) return [];
  const remedy = 'make the schema with Type.Object, which sets additionalProperties: false';
  return [{ seen: `"${UNKNOWN}: 1" was let pass`, remedy }];
}

async function defaults(subject: Subject): Promise<Violation[]> {
  const violations: Violation[] = [];
  const { config: schema } = subject.definition;
  for (const entry of await subject.entries()) {
    const bare = plainOf(schema, entry.config);
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      if (property.default === undefined) continue;
      const written = { ...bare, [key]: property.default };
      const faults = (await faultsOf(subject, entry, written)).filter(({ code }) => code !== 'COMPONENT_CHECK');
      for (const { message } of faults) {
        const seen = `"${key}: ${JSON.stringify(property.default)}", its default, is refused: ${message}`;
        violations.push({ seen, remedy: 'choose a default that the schema accepts, as people would write it' });
      }
    }
  }
  violations.push(...(await unchanged(subject)));
  return violations;
}

/** Writes all defaults out that an example leaves to the decoder. */
async function unchanged(subject: Subject): Promise<Violation[]> {
  const { properties = {} } = subject.definition.config;
  const violations: Violation[] = [];
  for (const entry of await subject.entries()) {
    const written = new Set(Object.keys(properties).filter((key) => new RegExp(`\\b${key}\\b`).test(entry.yaml)));
    const rest = Object.entries(properties).filter(
      ([key, { default: value }]) => value !== undefined && !written.has(key),
    );
    const plain = plainOf(subject.definition.config, entry.config);
    const object = { ...plain, ...Object.fromEntries(rest.map(([key, property]) => [key, property.default])) };
    const again = await decode(subject, entry, object).catch(() => undefined);
    if (again === undefined || isDeepStrictEqual(again, entry.config)) continue;
    const remedy = 'give defaults in the schema only, and in the form in which people write them';
    violations.push({ seen: `${entry.label} decodes to something else with its defaults written out`, remedy });
  }
  return violations;
}

async function faultsOf(subject: Subject, entry: Entry, config: object) {
  try {
    await decode(subject, entry, config);
    return [];
  } catch (error) {
    if (error instanceof ConfigErrors) return error.errors;
    throw error;
  }
}

async function decode({ definition, registry }: Subject, entry: Entry, config: object): Promise<unknown> {
  const section = SECTIONS[definition.kind];
  const own = { [entry.id]: config };
  const value = {
    receivers: { 'test/in': null },
    exporters: { 'test/out': null },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { logs: { receivers: ['test/in'], exporters: ['test/out'] } },
    },
  };
  const merged = { ...value, [section]: { ...(value as Record<string, object>)[section], ...own } };
  const loaded = await loadConfigObject(merged, { registry });
  return loaded.config[section].get(entry.id)?.config;
}

/** Decoded settings as they would be written: durations are texts again, what is absent stays absent. */
function plainOf(schema: SchemaData, value: unknown): Record<string, unknown> {
  return written(schema, value) as Record<string, unknown>;
}

function written(schema: SchemaData, value: unknown): unknown {
  if (schema['x-type'] === 'duration' && typeof value === 'number') return `${value}ms`;
  if (Array.isArray(value)) return value.map((each) => written(schema.items ?? {}, each));
  if (typeof value !== 'object' || value === null) return value;
  const rest = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, written(schema.properties?.[key] ?? rest, inner)]),
  );
}
