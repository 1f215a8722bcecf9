/** Random edits, applied to a view and to the decoded object at once. */
import { double, encodeAnyValue, int, type AnyValueInput } from '../any-value.ts';
import type { Attribute } from '../attribute.ts';
import { EncodedAttribute, type AttributesView } from '../attributes-view.ts';
import { key } from '../key.ts';
import { assign, attributesOf, getPath, setPath, toPlainField, type FieldType, type NodeSpec } from './model-fields.ts';
import { decode, type Plain, type PlainValue } from './oracle.ts';

export type Random = () => number;
export const DROPPED = Symbol('dropped');
export type Node = Plain & { [DROPPED]?: boolean };
type View = Record<string, unknown> & { drop(): void };

const KEYS = ['', 'a', 'b', 'é', 'x'.repeat(130), 'http.route', '__proto__'];
const TEXTS = ['', 'a', 'é', '日本', '😀', 'y'.repeat(127), 'z'.repeat(300)];
const VALUES: [AnyValueInput, Plain][] = [
  ['', { stringValue: '' }],
  ['text', { stringValue: 'text' }],
  ['w'.repeat(200), { stringValue: 'w'.repeat(200) }],
  [true, { boolValue: true }],
  [false, { boolValue: false }],
  [0, { intValue: 0n }],
  [-1, { intValue: -1n }],
  [2 ** 53, { doubleValue: 2 ** 53 }],
  [-0, { doubleValue: -0 }],
  [1.5, { doubleValue: 1.5 }],
  [NaN, { doubleValue: NaN }],
  [double(5), { doubleValue: 5 }],
  [int(2n ** 63n - 1n), { intValue: 2n ** 63n - 1n }],
  [-(2n ** 63n), { intValue: -(2n ** 63n) }],
  [new Uint8Array([0, 255]), { bytesValue: 'hex:00ff' }],
  [null, {}],
  [[], { arrayValue: {} }],
  [
    [1, 'a', [null]],
    { arrayValue: { values: [{ intValue: 1n }, { stringValue: 'a' }, { arrayValue: { values: [{}] } }] } },
  ],
  [{}, { kvlistValue: {} }],
  [
    { k: { '': 2.5 } },
    { kvlistValue: { values: [{ key: 'k', value: { kvlistValue: { values: [{ value: { doubleValue: 2.5 } }] } } }] } },
  ],
];

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)];
}

const keyOf = (attribute: Plain): string => (attribute.key as string | undefined) ?? '';

function plainAttribute(name: string, value: Plain): Plain {
  return name === '' ? { value } : { key: name, value };
}

/** A key that is likely to be there. */
function pickKey(random: Random, present: Plain[]): string {
  return present.length > 0 && random() < 0.6 ? keyOf(pick(random, present)) : pick(random, KEYS);
}

export function editAttributes(view: AttributesView, node: Node, spec: NodeSpec, random: Random): void {
  const before = attributesOf(node, spec);
  const name = pickKey(random, before);
  const lookup = random() < 0.5 ? name : key(name);
  const [value, plain] = pick(random, VALUES);
  let after = before.slice();
  const put = (target: string, put: Plain): void => {
    const first = after.findIndex((each) => keyOf(each) === target);
    if (first < 0) after.push(plainAttribute(target, put));
    else after[first] = plainAttribute(target, put);
    after = after.filter((each, i) => i === first || first < 0 || keyOf(each) !== target);
  };
  switch (Math.floor(random() * 13)) {
    case 0:
    case 1:
      view.set(lookup, value);
      put(name, plain);
      break;
    case 2:
      view.setRaw(lookup, encodeAnyValue(value));
      put(name, plain);
      break;
    case 3:
      view.delete(lookup);
      after = after.filter((each) => keyOf(each) !== name);
      break;
    case 4: {
      const to = pick(random, KEYS);
      const first = after.find((each) => keyOf(each) === name);
      view.rename(lookup, to);
      if (first === undefined || to === name) break;
      const renamed = plainAttribute(to, (first.value as Plain | undefined) ?? {});
      after = after
        .map((each) => (each === first ? renamed : each))
        .filter((each) => each === renamed || (keyOf(each) !== name && keyOf(each) !== to));
      break;
    }
    case 5: {
      const short = (text: string): boolean => text.length < 3;
      view.deleteWhere((attribute: Attribute) => short(attribute.key));
      after = after.filter((each) => !short(keyOf(each)));
      break;
    }
    case 6:
      view.retain((attribute: Attribute) => attribute.kind !== 'string');
      after = after.filter((each) => (each.value as Plain | undefined)?.stringValue === undefined);
      break;
    case 7:
      view.put(new EncodedAttribute(lookup, encodeAnyValue(value)));
      put(name, plain);
      break;
    case 8:
    case 9: {
      const from = pickKey(random, before);
      const taken = before.find((each) => keyOf(each) === from)?.value as Plain | undefined;
      const hasValue = taken !== undefined && Object.keys(taken).length > 0;
      view.setFrom(lookup, view, from);
      if (hasValue) put(name, taken);
      break;
    }
    case 10: {
      const text = pick(random, TEXTS);
      const isKept = random() < 0.3;
      view.setText(lookup, (own, out) => (own.appendText(name, out), out.text(text), !isKept), view);
      const first = before.find((each) => keyOf(each) === name)?.value as Plain | undefined;
      if (!isKept) put(name, { stringValue: `${(first?.stringValue as string | undefined) ?? ''}${text}` });
      break;
    }
    case 11: {
      const bytesMin = pick(random, [-1, 2, 150]);
      view.changeStrings((text) => (Buffer.byteLength(text) > bytesMin ? `${text}é` : text), bytesMin);
      for (const each of before) {
        const text = (each.value as Plain | undefined)?.stringValue as string | undefined;
        const isFirst = before.find((other) => keyOf(other) === keyOf(each)) === each;
        if (!isFirst || text === undefined || Buffer.byteLength(text) <= bytesMin) continue;
        put(keyOf(each), { stringValue: `${text}é` });
      }
      break;
    }
    default:
      if (random() < 0.3) {
        view.clear();
        after = [];
      }
  }
  if (after.length === 0 && before.length === 0) return;
  setPath(node, spec.attributes!, after.length === 0 ? undefined : after);
}

function randomField(type: FieldType, random: Random): unknown {
  switch (type) {
    case 'u64':
      return pick(random, [0n, 1n, 1_760_000_000_000_000_000n, 2n ** 64n - 1n]);
    case 'count':
      return pick<bigint | number>(random, [0, 7, 2 ** 40, 2n ** 64n - 1n]);
    case 'int':
      return pick(random, [0, 1, -1, 9, 2 ** 31 - 1, -(2 ** 31)]);
    case 'uint':
      return pick(random, [0, 1, 300, 2 ** 32 - 1]);
    case 'text':
      return pick(random, TEXTS);
    case 'hex':
      return pick(random, ['', '00', '0123456789abcdef', 'f'.repeat(32)]);
    case 'bool':
      return random() < 0.5;
    case 'double?':
      return pick(random, [undefined, 0, -0, 1.5, NaN, Infinity]);
    case 'double':
      return pick(random, [0, -0, 1.5, NaN, -Infinity]);
    case 'u64s':
      return pick<bigint[]>(random, [[], [0n], [1n, 2n ** 64n - 1n, 300n]]);
    default:
      return pick<number[]>(random, [[], [0], [-0, 1.5, NaN]]);
  }
}

/** One random edit of the node's own fields. */
export function editNode(view: View, node: Node, spec: NodeSpec, random: Random): void {
  const choice = random();
  if (choice < 0.45 && spec.attributes !== undefined) {
    editAttributes(getPath(view, viewAttributes(spec)) as AttributesView, node, spec, random);
  } else if (choice < 0.6 && spec.number === true) {
    const isInt = random() < 0.5;
    const value = isInt ? pick(random, [0n, -5n, 2n ** 63n - 1n]) : pick(random, [0, -0, NaN, 1.5]);
    view[isInt ? 'asInt' : 'asDouble'] = value;
    delete node.asInt;
    delete node.asDouble;
    node[isInt ? 'asInt' : 'asDouble'] = value;
  } else {
    const [name, type, plainName] = pick(random, spec.fields);
    const value = randomField(type, random);
    assign(view, name, value);
    const plain = toPlainField(type, value);
    // Setting a default inside of a submessage that is not there leaves it away or writes it empty: see `withoutEmpty`.
    setPath(node, plainName ?? name, plain);
  }
}

function viewAttributes(spec: NodeSpec): string {
  return spec.attributes!.split('.').at(-1)!;
}

/** Edits lists inside of an item: changes, drops and appends elements, and sometimes leaves the loop early. */
export function editLists(view: View, node: Node, spec: NodeSpec, random: Random): void {
  for (const [name, append, element] of spec.lists ?? []) {
    if (random() < 0.5) continue;
    const elements = (node[name] as Node[] | undefined) ?? [];
    const kept: Node[] = [];
    let visited = 0;
    for (const each of view[name] as Iterable<View>) {
      const plain = elements[visited++];
      checkNode(each, plain, element);
      while (random() < 0.5) editNode(each, plain, element, random);
      if (random() < 0.2) each.drop();
      else kept.push(plain);
      if (random() < 0.1) break;
    }
    const after = [...kept, ...elements.slice(visited)];
    if (random() < 0.2) {
      const added = (view[append] as () => View).call(view);
      const plain: Node = {};
      while (random() < 0.6) editNode(added, plain, element, random);
      after.push(plain);
    }
    if (after.length === 0) delete node[name];
    else node[name] = after;
  }
}

export class Mismatch extends Error {}

/** Everything that the view shows is what the decoded object holds. */
export function checkNode(view: View, node: Node, spec: NodeSpec): void {
  for (const [name, type, plainName] of spec.fields) {
    const seen = toPlainField(type, getPath(view, name));
    same(seen, getPath(node, plainName ?? name), name);
  }
  if (spec.number === true) {
    const value = view.value as number | bigint | undefined;
    const kind = view.valueKind as string | undefined;
    same(kind === 'int' ? BigInt(value!) : undefined, node.asInt, 'asInt');
    same(kind === 'double' ? value : undefined, node.asDouble, 'asDouble');
  }
  if (spec.attributes === undefined) return;
  const attributes = getPath(view, viewAttributes(spec)) as AttributesView;
  const plain = attributesOf(node, spec);
  same(attributes.size, plain.length, 'attributes.size');
  same([...attributes.keys()], plain.map(keyOf), 'attributes.keys');
  for (const each of plain) {
    const first = plain.find((other) => keyOf(other) === keyOf(each))!;
    const raw = attributes.raw(keyOf(each));
    if (raw === undefined) throw new Mismatch(`attribute ${keyOf(each)} is missing`);
    same(decode('AnyValue', raw), first.value ?? {}, keyOf(each));
    // What is read as a JavaScript value can be written again without loss, given its kind.
    const value = attributes.get(keyOf(each))!;
    if (attributes.kind(keyOf(each)) === 'double') same(value, (first.value as Plain).doubleValue, keyOf(each));
    else if (!JSON.stringify(first, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v)).includes('doubleValue'))
      same(
        withoutDuplicates(decode('AnyValue', encodeAnyValue(value))),
        withoutDuplicates(first.value ?? {}),
        keyOf(each),
      );
  }
}

/** A kvlist with keys of one name keeps the last in an object, and an object orders keys like `1` first. */
function withoutDuplicates(value: PlainValue): PlainValue {
  if (Array.isArray(value)) return value.map(withoutDuplicates);
  if (typeof value !== 'object' || value instanceof Uint8Array) return value;
  const list = (value.kvlistValue as Plain | undefined)?.values as Plain[] | undefined;
  if (list !== undefined) {
    const unique = new Map(
      list.map((each) => [keyOf(each), withoutDuplicates((each.value as Plain | undefined) ?? {})]),
    );
    return { kvlistValue: [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => ({ name, each })) };
  }
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutDuplicates(each)]));
}

export function same(seen: unknown, expected: unknown, what: string): void {
  const left = show(seen);
  const right = show(expected);
  if (left !== right) throw new Mismatch(`${what} is ${left}, expected ${right}`);
}

/** Text that differs whenever two decoded values do. */
export function show(value: unknown): string {
  return (
    JSON.stringify(value, (_, each: unknown) => {
      if (typeof each === 'bigint') return `bigint ${each}`;
      if (typeof each === 'number') return Object.is(each, -0) ? '-0' : `${each}`;
      if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
      return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? 'undefined'
  );
}
