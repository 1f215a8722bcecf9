import { key as wireKey, type Key as WireKey } from '@millrace/otlp';
import { findField, type Level } from '../context/contexts.ts';
import type { Field } from '../context/field.ts';
import { nearestName } from '../nearest-name.ts';
import { OttlRuntimeError } from '../ottl-error.ts';
import type { PathNode } from '../parse/syntax-tree.ts';
import { readAttribute, setAttribute } from '../value/attribute-values.ts';
import { indexDeep, replaceDeep, type Key } from '../value/index-value.ts';
import { isList, isMap, typeName, type Value } from '../value/value.ts';
import { encodeValue } from '../value/wire-value.ts';
import { compileKeys, type Keys } from './compile-keys.ts';
import type { Compiled } from './compiled.ts';
import type { Evaluate, Frame } from './frame.ts';
import { failIn, type Scope } from './scope.ts';

/** Compiles a path, or the name of a lambda's parameter. Throws OttlError. */
export function compilePath(node: PathNode, scope: Scope): Compiled {
  const { fields } = node;
  const place = fields.length === 1 ? scope.locals.get(fields[0].name) : undefined;
  if (place !== undefined) {
    const get = (frame: Frame): Value => frame.locals[place];
    const local = { get, name: fields[0].name };
    return fields[0].keys.length === 0 ? local : indexed(local, compileKeys(fields[0].keys, scope));
  }
  const { prefix, names } = resolvePrefix(node, scope);
  const levels = scope.context.levels[prefix];
  const name = names.join('.');
  const found = findField(levels, name);
  if (found === undefined) return failUnknown(node, scope, prefix, levels, name);
  for (const each of fields.slice(0, -1))
    if (each.keys.length > 0)
      failIn(scope, each.keys[0], { code: 'UNKNOWN_PATH', message: `${prefix}.${each.name} takes no keys here` });
  const keys = compileKeys(fields.at(-1)!.keys, scope);
  if (keys.count === 0) return wholeField(found.field, found.view, `${prefix}.${name}`);
  if (found.field.isIndexable !== true)
    return failIn(scope, fields.at(-1)!.keys[0], { code: 'UNKNOWN_PATH', message: `${prefix}.${name} takes no keys` });
  return keyedField(found.field, found.view, keys, `${prefix}.${name}[]`);
}

/** The context of a path: its first name, when that is one; else the context of the statement, where it may be left out. */
function resolvePrefix(node: PathNode, scope: Scope): { readonly prefix: string; readonly names: readonly string[] } {
  const names = node.fields.map((field) => field.name);
  const { levels, name } = scope.context;
  const isPrefix = names.length > 1 && node.fields[0].keys.length === 0 && Object.hasOwn(levels, names[0]);
  if (isPrefix) return { prefix: names[0], names: names.slice(1) };
  if (scope.allowsBarePaths) return { prefix: name, names };
  const prefixes = Object.keys(levels);
  const owner = prefixes.find((prefix) => findField(levels[prefix], names.join('.')) !== undefined);
  const near = nearestName(names[0], prefixes);
  return failIn(scope, node, {
    code: 'CONTEXT',
    message: `the path "${names.join('.')}" does not begin with a context`,
    expected: `one of ${prefixes.join(', ')}`,
    found: `"${names[0]}"`,
    suggestion: owner !== undefined ? `${owner}.${names.join('.')}` : near,
  });
}

function failUnknown(node: PathNode, scope: Scope, prefix: string, levels: readonly Level[], name: string): never {
  const known = levels.flatMap((level) => Object.keys(level.paths));
  const near = nearestName(name, known);
  return failIn(scope, node, {
    code: 'UNKNOWN_PATH',
    message: `the context ${prefix} has no path "${name}"`,
    expected: `one of ${known.join(', ')}`,
    suggestion: near === undefined ? undefined : `${prefix}.${near}`,
  });
}

function wholeField(field: Field<unknown>, view: Evaluate<unknown>, name: string): Compiled {
  const { get, set, small, text, attributes, field: value, type } = field;
  return {
    name,
    type,
    get: (frame) => get(view(frame)),
    set: set && ((frame, each) => set(view(frame), each)),
    small: small && ((frame) => small(view(frame))),
    text: text && ((frame) => text(view(frame))),
    attributes: attributes && ((frame) => attributes(view(frame))),
    field: value && ((frame) => value(view(frame))),
  };
}

function keyedField(field: Field<unknown>, view: Evaluate<unknown>, keys: Keys, name: string): Compiled {
  if (field.attributes !== undefined) return keyedAttributes(field.attributes, view, keys, name);
  const { get, set, entry } = field;
  if (entry !== undefined && keys.count === 1)
    return {
      name,
      get: (frame) => entry.get(view(frame), stringKey(keys.read(frame)[0])),
      set: set && ((frame, value) => entry.set(view(frame), stringKey(keys.read(frame)[0]), value)),
    };
  return {
    name,
    get: (frame) => indexDeep(containerOf(get(view(frame)), name), keys.read(frame), 0),
    set:
      set &&
      ((frame, value) => {
        const target = view(frame);
        set(target, replaceDeep(containerOf(get(target), name), keys.read(frame), 0, value));
      }),
  };
}

function containerOf(value: Value, name: string): Value {
  if (isMap(value) || isList(value)) return value;
  throw new OttlRuntimeError(`${name.slice(0, -2)} of type ${typeName(value)} cannot be indexed`);
}

function stringKey(key: Key): string {
  if (typeof key === 'string') return key;
  throw new OttlRuntimeError(`a map takes a string as key, not ${key}`);
}

function keyedAttributes(
  attributes: NonNullable<Field<unknown>['attributes']>,
  view: Evaluate<unknown>,
  keys: Keys,
  name: string,
): Compiled {
  const of = (frame: Frame) => attributes(view(frame));
  const first = keys.constant?.[0];
  if (keys.count === 1 && typeof first === 'string') {
    const key = wireKey(first);
    return {
      name,
      attribute: { of, key },
      get: (frame) => readAttribute(of(frame), key) ?? null,
      set: (frame, value) => setAttribute(of(frame), key, value),
    };
  }
  const keyAt = typeof first === 'string' ? wireKey(first) : undefined;
  const keyOf = (path: readonly Key[]): WireKey => keyAt ?? wireKey(stringKey(path[0]));
  return {
    name,
    get: (frame) => {
      const path = keys.read(frame);
      const value = readAttribute(of(frame), keyOf(path));
      return value === undefined ? null : indexDeep(value, path, 1);
    },
    set: (frame, value) => {
      const path = keys.read(frame);
      const map = of(frame);
      const key = keyOf(path);
      if (path.length === 1) setAttribute(map, key, value);
      else map.setRaw(key, encodeValue(replaceDeep(readAttribute(map, key), path, 1, value)));
    },
  };
}

/** A value stepped into. */
export function indexed(value: Compiled, keys: Keys): Compiled {
  const { get } = value;
  return { get: (frame) => indexDeep(get(frame), keys.read(frame), 0), name: value.name };
}
