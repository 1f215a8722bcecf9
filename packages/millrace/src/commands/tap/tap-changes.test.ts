import { jsonToProto } from '@millrace/otlp';
import { expect, test } from 'vitest';
import type { TapData, TapMessage } from '../../control/tap-message.ts';
import { RecordFilter, singleItems } from './record-filter.ts';
import { changeJson, changesOf } from './tap-changes.ts';

/** Logs with a body and attributes each. */
function data(records: readonly (readonly [string, Readonly<Record<string, string>>])[], itemsTotal?: number): TapData {
  const logRecords = records.map(([body, attributes]) => ({
    timeUnixNano: '1700000000000000000',
    body: { stringValue: body },
    attributes: Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })),
  }));
  const bytes = jsonToProto('logs', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));
  return {
    pipeline: 'logs',
    signal: 'logs',
    items: records.length,
    itemsTotal: itemsTotal ?? records.length,
    requests: [Buffer.from(bytes).toString('base64')],
  };
}

function message(before: TapData, after: readonly TapData[]): TapMessage {
  return { kind: 'processor', id: 'p', pipeline: 'logs', side: 'both', run: '0', skipped: 0, before, after };
}

function kinds(message: TapMessage, where?: string): string[] {
  return changesOf(message, where === undefined ? undefined : RecordFilter.of(where)).changes.map(({ kind }) => kind);
}

test('records are told to be changed, dropped, added or the same', () => {
  const before = data([
    ['GET /cart', { user: 'ann', step: '1' }],
    ['GET /pay', { user: 'bob', step: '2' }],
    ['GET /out', { user: 'eve', step: '3' }],
  ]);
  const after = data([
    ['GET /cart', { user: 'ann', step: '1' }],
    ['GET /pay', { user: 'hidden', step: '2' }],
  ]);
  expect(kinds(message(before, [after]))).toEqual(['unchanged', 'changed', 'dropped']);
  const changes = changesOf(message(before, [after]), undefined);
  expect(changeJson(changes.changes[1], changes)).toEqual({
    change: 'changed',
    record: '"GET /pay"',
    fields: [{ path: 'attributes["user"]', before: '"bob"', after: '"hidden"' }],
  });
});

test('a condition picks the changes of records that it holds for, before or after', () => {
  const before = data([
    ['a', { user: 'ann' }],
    ['b', { user: 'bob' }],
  ]);
  const after = data([
    ['a', { user: 'x' }],
    ['b', { user: 'y' }],
  ]);
  for (const where of ['attributes["user"] == "ann"', 'attributes["user"] == "x"', 'body == "a"']) {
    expect(kinds(message(before, [after]), where)).toEqual(['changed']);
  }
  expect(kinds(message(before, [after]), 'body == "c"')).toEqual([]);
});

test('records out of sight are not told to be dropped or added', () => {
  const many = Array.from({ length: 5 }, (_, index) => [`${index}`, { index: `${index}`, id: `${index}` }] as const);
  // The records have grown: fewer of them fit.
  const grown = many.slice(0, 3).map(([body, attributes]) => [body, { ...attributes, more: 'yes' }] as const);
  expect(kinds(message(data(many, 100), [data(grown, 100)]))).toEqual(['changed', 'changed', 'changed']);
  expect(kinds(message(data(many.slice(0, 2), 100), [data(many.slice(1), 99)]))).toEqual(['dropped', 'unchanged']);
});

test('what a connector gives to several pipelines is compared with what it was given', () => {
  const [first, second] = [
    ['first', { to: 'a' }],
    ['second', { to: 'b' }],
  ] as const;
  expect(kinds(message(data([first, second]), [data([second]), data([first])]))).toEqual(['unchanged', 'unchanged']);
});

test('items are taken apart with their resource and scope; conditions are compiled for the signals that they fit', () => {
  const metrics = jsonToProto(
    'metrics',
    JSON.stringify({
      resourceMetrics: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
          scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{ asInt: '1' }, { asInt: '2' }] } }] }],
        },
      ],
    }),
  );
  const items = singleItems('metrics', [metrics]);
  expect(items).toHaveLength(2);
  const filter = RecordFilter.of(
    'metric.name == "m" and value_int == 2 and resource.attributes["service.name"] == "shop"',
  );
  expect(items.map((item) => filter.matches(item))).toEqual([false, true]);
  expect(
    singleItems('logs', [Buffer.from(data([['a', {}]]).requests[0] as string, 'base64')]).some((item) =>
      filter.matches(item),
    ),
  ).toBe(false);
  expect(() => RecordFilter.of('no such thing')).toThrow(expect.objectContaining({ code: 'CONDITION_INVALID' }));
});
