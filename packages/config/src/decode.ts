import { mayBeAbsent, type SchemaData } from '@millrace/api';
import type { DecodeContext } from './decode-context.ts';
import { ABSENT, FAILED, markIncomplete, type Place } from './decoded.ts';
import { decodeScalar } from './decode-scalar.ts';
import { decodeUnion } from './decode-union.ts';
import { didYouMeanOf, nearest } from './nearest.ts';
import type { ConfigNode, MapNode, Path } from './node.ts';
import { fromPlain, isNull, stringNode, toPlain } from './node.ts';
import { isSecret } from './redact.ts';
import type { Origin } from './source.ts';
import { reportWrongType } from './wrong-type.ts';

/**
 * Turns a configuration node into the value that a component gets: scalars by the type of the schema, durations in
 * milliseconds, defaults filled in. `node` is undefined where the key is absent. What the decoder cannot see
 * (ranges, patterns) is left to the constraints.
 */
export function decode(
  schema: SchemaData,
  node: ConfigNode | undefined,
  place: Place,
  context: DecodeContext,
): unknown {
  if (node === undefined) return decodeAbsent(schema, place, context);
  if (node.kind === 'invalid') return FAILED;
  if (schema['x-unsupported'] !== undefined) return refuse(schema['x-unsupported'], node, place, context);
  if (schema['x-inert'] === true) warnInert(schema, node, place, context);
  if (schema.deprecated === true) warnDeprecated(schema, node, place, context);
  if (isNull(node) && !(takesText(schema) && node.origin.via !== undefined))
    return decodeNull(schema, node, place, context);
  if (schema.anyOf !== undefined) return decodeUnion(schema.anyOf, node, place, context, decode);
  if (Array.isArray(schema.type)) {
    const options = schema.type.map((type: string) => ({ ...schema, type }));
    return decodeUnion(options, node, place, context, decode);
  }
  switch (schema.type) {
    case 'object':
      return decodeObject(schema, node, place, context);
    case 'array':
      return checked(schema, decodeArray(schema, node, place, context), node, place, context);
    case undefined:
      return checked(schema, toPlainAny(node), node, place, context);
    default:
      return checked(schema, decodeScalar(schema, node, place, context), node, place, context);
  }
}

/** Looks at constraints of a value that could be decoded. */
function checked(schema: SchemaData, value: unknown, node: ConfigNode, place: Place, context: DecodeContext): unknown {
  if (value === FAILED || place.byDefault === true) return value;
  const secret = isSecret(schema, String(place.path.at(-1)));
  const faults = context.constraints.faults(schema, value, secret);
  for (const { code, message, remedy } of faults) {
    context.problems.error({ code, origin: node.origin, path: place.path, message, remedy });
  }
  return faults.length > 0 ? FAILED : value;
}

function decodeAbsent(schema: SchemaData, place: Place, context: DecodeContext): unknown {
  if (schema['x-optional'] === true) return ABSENT;
  if (schema.default !== undefined)
    return decode(undefaulted(schema), fromPlain(schema.default, place.parent), { ...place, byDefault: true }, context);
  const fillable = schema.type === 'object' && schema.properties !== undefined && (schema.required ?? []).length === 0;
  if (fillable) return decodeObject(schema, emptyMap(place.parent), place, context);
  return missing(place, context);
}

/** A key that is written without a value takes its defaults; an optional one is absent, unless the schema says otherwise. */
function decodeNull(schema: SchemaData, node: ConfigNode, place: Place, context: DecodeContext): unknown {
  if (schema.default !== undefined) return decodeAbsent(undefinedOptional(schema), place, context);
  if (isAbsentWhenNull(schema)) return ABSENT;
  if (schema.type === 'object' && schema.properties !== undefined) {
    return decodeObject(schema, emptyMap(node.origin), place, context);
  }
  if (schema.anyOf?.some((option) => option.type === 'object') === true) {
    return decodeUnion(schema.anyOf, emptyMap(node.origin), place, context, decode);
  }
  if (schema.type === undefined && schema.anyOf === undefined) return null;
  return missing({ ...place, parent: node.origin }, context);
}

function isAbsentWhenNull(schema: SchemaData): boolean {
  const isAnything = schema.type === undefined && schema.anyOf === undefined;
  return schema['x-optional'] === true && schema['x-null'] !== 'defaults' && !isAnything;
}

function missing({ path, parent }: Place, { problems }: DecodeContext): typeof FAILED {
  const key = path.at(-1);
  const message = typeof key === 'number' ? 'a value is missing' : `"${key}" is missing`;
  problems.error({ code: 'MISSING_KEY', origin: parent, path, message, remedy: 'add it; it has no default' });
  return FAILED;
}

function undefaulted(schema: SchemaData): SchemaData {
  const { default: _, deprecated: __, ...rest } = schema;
  return rest;
}

function undefinedOptional(schema: SchemaData): SchemaData {
  const { 'x-optional': _, ...rest } = schema;
  return rest;
}

function emptyMap(origin: Origin): MapNode {
  return { kind: 'map', origin, entries: new Map() };
}

function takesText(schema: SchemaData): boolean {
  return schema.type === 'string' && schema['x-type'] === undefined;
}

function warnDeprecated(schema: SchemaData, node: ConfigNode, { path }: Place, { problems }: DecodeContext): void {
  const remedy = schema.description;
  problems.warn({ code: 'DEPRECATED', origin: node.origin, path, message: `"${path.at(-1)}" is deprecated`, remedy });
}

/** A key that is known, so that it can be said what to do instead. Without a value, or things in it, it asks for nothing. */
function refuse(remedy: string, node: ConfigNode, { path, parent }: Place, { problems }: DecodeContext): unknown {
  if (isNull(node) || (node.kind === 'list' && node.items.length === 0)) return ABSENT;
  const message = `the key "${path.at(-1)}" is not supported`;
  problems.error({ code: 'UNSUPPORTED_KEY', origin: parent, path, message, remedy });
  return FAILED;
}

function warnInert(schema: SchemaData, node: ConfigNode, { path }: Place, { problems }: DecodeContext): void {
  if (isNull(node)) return;
  const message = `"${path.at(-1)}" has no effect here`;
  problems.warn({ code: 'NO_EFFECT', origin: node.origin, path, message, remedy: schema.description });
}

function decodeObject(schema: SchemaData, node: ConfigNode, place: Place, context: DecodeContext): unknown {
  if (node.kind !== 'map') {
    const remedy = 'write "key: value" lines below it';
    reportWrongType(node, { path: place.path, expected: 'a map', remedy }, context.problems);
    return FAILED;
  }
  const result: Record<string, unknown> = {};
  let failed = false;
  const put = (key: string, value: unknown): void => {
    if (value === FAILED) failed = true;
    else if (value !== ABSENT) result[key] = value;
  };
  const properties = schema.properties ?? {};
  const misspelt = misspeltKeys(schema, node);
  for (const [key, property] of Object.entries(properties)) {
    const entry = node.entries.get(key);
    if (entry === undefined && misspelt.has(key) && !mayBeAbsent(property)) {
      failed = true;
      continue;
    }
    const parent = entry?.key ?? node.origin;
    put(key, decode(property, entry?.value, { ...place, path: [...place.path, key], parent }, context));
  }
  for (const [key, entry] of node.entries) {
    if (Object.hasOwn(properties, key)) continue;
    const path = [...place.path, key];
    const free = schema.additionalProperties;
    if (free === false) failed = unknownKey(key, entry.key, path, Object.keys(properties), context) || failed;
    else if (typeof free === 'object')
      put(key, decodeFree(free, entry.value, { ...place, path, parent: entry.key }, context));
    else put(key, toPlainAny(entry.value));
  }
  return failed ? markIncomplete(result) : result;
}

/** Keys that unknown ones were probably meant to be: that they are missing need not be said as well. */
function misspeltKeys(
  { properties = {}, additionalProperties }: SchemaData,
  node: MapNode,
): ReadonlySet<string | undefined> {
  if (additionalProperties !== false) return new Set();
  const unknown = [...node.entries.keys()].filter((key) => !Object.hasOwn(properties, key));
  return new Set(unknown.map((key) => nearest(key, Object.keys(properties))));
}

/** Values of maps with free keys, and of lists: a null string is the empty string, as in the Collector. */
function decodeFree(schema: SchemaData, node: ConfigNode, place: Place, context: DecodeContext): unknown {
  const empty = isNull(node) && takesText(schema.anyOf?.[0] ?? schema) && schema.default === undefined;
  const value = decode(schema, empty ? stringNode('', node.origin) : node, place, context);
  return value === ABSENT ? null : value;
}

function unknownKey(key: string, origin: Origin, path: Path, known: readonly string[], context: DecodeContext): true {
  const message = `the key "${key}" is not known`;
  const remedy = didYouMeanOf(key, known, 'known keys');
  context.problems.error({ code: 'UNKNOWN_KEY', origin, path, message, remedy });
  return true;
}

function decodeArray(schema: SchemaData, node: ConfigNode, place: Place, context: DecodeContext): unknown {
  const items = itemsOf(node);
  if (items === undefined) {
    const remedy = 'write [a, b], or "- " lines below it';
    reportWrongType(node, { path: place.path, expected: 'a list', remedy }, context.problems);
    return FAILED;
  }
  const result: unknown[] = [];
  let failed = false;
  for (const [index, item] of items.entries()) {
    const value = decodeFree(
      schema.items ?? {},
      item,
      { ...place, path: [...place.path, index], parent: item.origin },
      context,
    );
    if (value === FAILED) failed = true;
    result.push(value === FAILED ? undefined : value);
  }
  return failed ? markIncomplete(result) : result;
}

/** As in the Collector, `a,b` is a list of two where a list is expected. */
function itemsOf(node: ConfigNode): readonly ConfigNode[] | undefined {
  if (node.kind === 'list') return node.items;
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return undefined;
  return node.value === '' ? [] : node.value.split(',').map((part) => stringNode(part, node.origin));
}

function toPlainAny(node: ConfigNode): unknown {
  return node.kind === 'invalid' ? FAILED : toPlain(node);
}
