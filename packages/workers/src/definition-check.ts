import { API_VERSION, ComponentError, SIGNALS } from '@millrace/api';
import type { Definition, Kind, SchemaData } from '@millrace/api';

const KINDS: readonly Kind[] = ['receiver', 'processor', 'exporter', 'connector', 'extension'];
const MAKERS = KINDS.map((kind) => `define${kind[0]?.toUpperCase()}${kind.slice(1)}`).join(', ');

/** Refuses what is no definition for this collector; messages call it `what`, and its `plugin`. @throws {ComponentError} */
export function checkDefinition(
  value: unknown,
  { what, plugin }: { readonly what: string; readonly plugin: string },
): asserts value is Definition {
  const definition = (isObject(value) ? value : {}) as Partial<Definition>;
  if (definition.kind === undefined || !KINDS.includes(definition.kind) || typeof definition.type !== 'string') {
    throw new ComponentError(`${what} is not a component definition`, {
      code: 'PLUGIN_EXPORTS_GARBAGE',
      remedy: `make it with one of ${MAKERS}`,
    });
  }
  if (typeof definition.api !== 'number') {
    throw new ComponentError(`${plugin} does not say for which version of the plugin API it was made`, {
      code: 'PLUGIN_API_VERSION',
      remedy: `make it with one of ${MAKERS}, which say so`,
    });
  }
  if (definition.api !== API_VERSION) {
    const isNewer = definition.api > API_VERSION;
    throw new ComponentError(
      `${plugin} was made for version ${definition.api} of the plugin API; this collector has version ${API_VERSION}`,
      {
        code: 'PLUGIN_API_VERSION',
        remedy: isNewer
          ? 'update Millrace, or install an earlier version of the plugin'
          : 'install a later version of the plugin, or build it against this @millrace/api',
      },
    );
  }
}

/** Refuses definitions that would fail later, and less clearly. @throws {ComponentError} that names the plugin and the rule. */
export function checkWholeDefinition(definition: Definition, name: string): void {
  const component = `plugin ${name}: the ${definition.kind} "${definition.type}"`;
  for (const { what, remedy } of faultsOf(definition)) {
    throw new ComponentError(`${component} ${what}`, { code: 'PLUGIN_DEFINITION', remedy });
  }
  const fault = schemaFault(definition.config, '');
  if (fault === undefined) return;
  throw new ComponentError(`${component} has a config that is no schema: ${fault}`, {
    code: 'PLUGIN_SCHEMA',
    remedy: 'make it with Type.Object({ … }) of @millrace/api',
  });
}

interface Fault {
  readonly what: string;
  readonly remedy: string;
}

function* faultsOf(definition: Definition): Generator<Fault> {
  if (typeof definition.summary !== 'string') {
    yield { what: 'has no summary', remedy: 'say in one sentence what it does' };
  }
  const { examples } = definition as { readonly examples?: unknown };
  const isExample = (each: unknown) =>
    isObject(each) && typeof each['title'] === 'string' && typeof each['yaml'] === 'string';
  if (!Array.isArray(examples) || !examples.every(isExample)) {
    yield { what: 'has no list of examples', remedy: "write examples: [{ title: '…', yaml: '…' }], or []" };
  }
  yield* halfFaults(definition);
}

function* halfFaults(definition: Definition): Generator<Fault> {
  switch (definition.kind) {
    case 'receiver':
    case 'exporter':
      yield* signalFaults(definition.signals);
      yield* makerFaults(definition, ['create']);
      return;
    case 'extension':
      yield* makerFaults(definition, ['create']);
      return;
    case 'connector':
      if (!Array.isArray(definition.routes) || definition.routes.length === 0) {
        yield { what: 'has no routes', remedy: "write routes: [{ from: 'logs', to: 'logs' }]" };
      }
      yield* makerFaults(definition, ['create', 'stateful']);
      return;
    case 'processor':
      yield* makerFaults(definition, ['create', 'stateful', 'gate']);
  }
}

function* signalFaults(signals: unknown): Generator<Fault> {
  if (Array.isArray(signals) && signals.every((signal) => SIGNALS.includes(signal as never))) return;
  yield { what: 'has no list of signals', remedy: `write signals: ['logs'], of ${SIGNALS.join(', ')}` };
}

/** It has exactly one of these ways of being made. */
function* makerFaults(definition: Definition, names: readonly string[]): Generator<Fault> {
  const given = definition as unknown as Readonly<Record<string, unknown>>;
  const made = names.filter((name) => given[name] !== undefined);
  const [name] = made;
  if (name === undefined || made.length > 1) {
    const what =
      name === undefined ? `has no ${names.join(' or ')}` : `has ${made.join(' and ')}, and may have one only`;
    yield { what, remedy: `write ${names.length === 1 ? '' : 'exactly one of '}${names.join(', ')}` };
    return;
  }
  const half = given[name];
  const create = name === 'create' ? half : isObject(half) ? half['create'] : undefined;
  if (typeof create === 'function') return;
  yield {
    what: `has ${name === 'create' ? 'a create' : `a ${name}.create`} that is no function`,
    remedy: 'make it one',
  };
}

const TYPES = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);
const NUMBERS = ['minimum', 'exclusiveMinimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const;

/** The first thing in a schema that is none. */
function schemaFault(schema: unknown, path: string): string | undefined {
  const at = path === '' ? '' : `${path}: `;
  if (!isObject(schema)) {
    const isNothing = schema === null || schema === undefined;
    return `${at}it is ${isNothing ? String(schema) : Array.isArray(schema) ? 'a list' : `a ${typeof schema}`}`;
  }
  const { type, properties, items, additionalProperties, anyOf, required, enum: words, pattern } = schema as SchemaData;
  for (const each of type === undefined ? [] : [type].flat()) {
    if (!TYPES.has(each)) return `${at}there is no type ${JSON.stringify(each)}`;
  }
  for (const key of NUMBERS) {
    const bound = (schema as SchemaData)[key];
    if (bound !== undefined && typeof bound !== 'number') return `${at}${key} must be a number`;
  }
  if (required !== undefined && !Array.isArray(required)) return `${at}required must be a list`;
  if (words !== undefined && !Array.isArray(words)) return `${at}enum must be a list`;
  if (anyOf !== undefined && !Array.isArray(anyOf)) return `${at}anyOf must be a list`;
  if (pattern !== undefined && !isPattern(pattern)) return `${at}pattern is no regular expression`;
  if (properties !== undefined && !isObject(properties)) return `${at}properties must be an object`;
  const inner: (readonly [string, unknown])[] = Object.entries(properties ?? {}).map(([key, each]) => [
    join(path, key),
    each,
  ]);
  if (items !== undefined) inner.push([`${path}[]`, items]);
  if (additionalProperties !== undefined && typeof additionalProperties !== 'boolean') {
    inner.push([join(path, '*'), additionalProperties]);
  }
  for (const option of anyOf ?? []) inner.push([path, option]);
  for (const [place, each] of inner) {
    const fault = schemaFault(each, place);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function isPattern(pattern: unknown): boolean {
  try {
    return typeof pattern === 'string' && new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
