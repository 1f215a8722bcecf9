import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { attributesIn, itemsWith } from './testing/items.ts';
import { pass } from './testing/pass.ts';
import { double, keyValues } from './testing/values.ts';

interface KeyValue {
  key: string;
  value: Record<string, unknown>;
}

interface Action {
  readonly key?: string;
  readonly action: string;
  readonly value?: unknown;
  readonly from_attribute?: string;
  readonly pattern?: string;
  readonly converted_type?: string;
}

const key = fc.constantFrom('a', 'b', 'c', 'd', 'ab');
const scalar = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '1', '2', '-', '.', 'é'), maxLength: 6 }),
  fc.boolean(),
  fc.integer(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => !Number.isInteger(value))
    .map((value) => double(value)),
);
const attributes = fc.dictionary(key, fc.oneof(scalar, fc.constant(null), fc.array(scalar, { maxLength: 2 })), {
  maxKeys: 5,
  noNullPrototype: true,
});
const configured = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '1'), minLength: 1, maxLength: 4 }),
  fc.boolean(),
  fc.integer(),
  fc.constant(1.5),
);
const keyPattern = fc.constantFrom('^a', 'b$', '^[cd]$', 'x', '.');
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ key, value: configured, action: fc.constantFrom('insert', 'update', 'upsert') }),
  fc.record({ key, from_attribute: key, action: fc.constantFrom('insert', 'update', 'upsert') }),
  fc.record({ key, action: fc.constantFrom('delete', 'hash') }),
  fc.record({ pattern: keyPattern, action: fc.constantFrom('delete', 'hash') }),
  fc.record({
    key,
    pattern: fc.constantFrom('(?P<d>[0-9]+)(?P<e>[a-z])?', '^(?P<a>.)', '(?P<b>a+)b'),
    action: fc.constant('extract'),
  }),
  fc.record({ key, converted_type: fc.constantFrom('int', 'double'), action: fc.constant('convert') }),
);

/** The same on decoded objects, as one would write it without wire views. */
function applied(list: readonly KeyValue[], actions: readonly Action[]): KeyValue[] {
  let now = list.map((each) => ({ ...each }));
  const get = (name: string) => now.find((each) => each.key === name)?.value;
  const put = (name: string, value: KeyValue['value']) => {
    const known = now.find((each) => each.key === name);
    if (known === undefined) now.push({ key: name, value });
    else known.value = value;
  };
  for (const { key: name = '', action: what, value, from_attribute, pattern, converted_type } of actions) {
    const matches = (each: string) => each === name || (pattern !== undefined && new RegExp(pattern).test(each));
    if (what === 'delete') now = now.filter((each) => !matches(each.key));
    else if (what === 'hash') for (const each of now) each.value = matches(each.key) ? hashed(each.value) : each.value;
    else if (what === 'extract') {
      const text = get(name)?.['stringValue'];
      const groups =
        typeof text === 'string' ? new RegExp(pattern!.replaceAll('?P<', '?<')).exec(text)?.groups : undefined;
      for (const [group, part] of Object.entries(groups ?? {})) put(group, { stringValue: part ?? '' });
    } else if (what === 'convert') {
      const before = get(name);
      if (before !== undefined) put(name, converted(before, converted_type!));
    } else {
      const source = from_attribute === undefined ? keyValues({ x: literal(value) })[0].value : get(from_attribute);
      const isThere = get(name) !== undefined;
      if (source === undefined || (what === 'insert' && isThere) || (what === 'update' && !isThere)) continue;
      put(name, source as KeyValue['value']);
    }
  }
  return now;
}

function literal(value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? double(value) : value;
}

function hashed(value: KeyValue['value']): KeyValue['value'] {
  const [[kind, content]] = Object.entries(value).concat([['', '']]) as [[string, unknown]];
  const bytes = Buffer.alloc(8);
  if (kind === 'stringValue') return { stringValue: sha256(Buffer.from(content as string)) };
  if (kind === 'boolValue') return { stringValue: sha256(Buffer.from([content === true ? 1 : 0])) };
  if (kind === 'intValue') bytes.writeBigInt64LE(BigInt(content as string));
  else if (kind === 'doubleValue') bytes.writeDoubleLE(content as number);
  else return { stringValue: '' };
  return { stringValue: sha256(bytes) };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function converted(value: KeyValue['value'], type: string): KeyValue['value'] {
  const [[kind, content]] = Object.entries(value).concat([['', '']]) as [[string, unknown]];
  const number =
    kind === 'boolValue'
      ? Number(content)
      : kind === 'intValue' || kind === 'doubleValue'
        ? Number(content)
        : undefined;
  if (type === 'int') {
    if (kind === 'stringValue' && /^-?[0-9]+$/.test(content as string))
      return { intValue: String(BigInt(content as string)) };
    if (number === undefined || kind === 'intValue') return value;
    const fits = Math.abs(number) < 2 ** 63;
    return { intValue: fits ? String(BigInt(Math.trunc(number))) : '-9223372036854775808' };
  }
  if (kind === 'stringValue') {
    return /^-?([0-9]+\.?[0-9]*|\.[0-9]+)$/.test(content as string) ? { doubleValue: Number(content) } : value;
  }
  return number === undefined ? value : { doubleValue: number };
}

test('actions do what they do to decoded objects', async () => {
  const property = fc.asyncProperty(
    attributes,
    fc.array(action, { minLength: 1, maxLength: 5 }),
    async (before, actions) => {
      const entry = `attributes: ${JSON.stringify({ actions })}`;
      const request = itemsWith(before).logs;
      const [found] = attributesIn(await pass(entry, 'logs', request));
      const expected = applied(keyValues(before) as KeyValue[], actions);
      // Through the same conversion, so that -0 and 0 and numbers as text compare.
      const again = itemsWith({}).logs as {
        resourceLogs: { scopeLogs: { logRecords: { attributes: unknown }[] }[] }[];
      };
      again.resourceLogs[0].scopeLogs[0].logRecords[0].attributes = expected;
      const [same] = attributesIn(await pass('attributes: { actions: [{ key: zz, action: delete }] }', 'logs', again));
      expect(found).toEqual(same);
    },
  );
  await fc.assert(property, { numRuns: 300 });
});
