import { parseYaml, Problems, Source } from '@millrace/config';
import { expect, test } from 'vitest';
import { matchExactly, matchSubset, type Mismatch } from './match-records.ts';
import { readShortRecords } from './short-form.ts';
import { readRecords, type RecordSignal } from './telemetry-record.ts';
import type { ValueMap } from './value.ts';
import { writeRequest } from './write-request.ts';

function written(text: string, signal: RecordSignal): ValueMap[] {
  const { node } = parseYaml(new Source({ label: 'text', text, dir: '.', order: 0 }));
  return readShortRecords(node!, signal, new Problems()).map(({ fields }) => fields);
}

type Match = (expected: readonly ValueMap[], actual: ReturnType<typeof readRecords>) => Mismatch[];

function mismatches(match: Match, expected: string, actual: string, signal: RecordSignal = 'logs'): Mismatch[] {
  let id = 100n;
  const defaults = { nowNanos: 1_767_225_600_000_000_000n, nextId: () => ++id };
  return match(
    written(expected, signal),
    readRecords(signal, [writeRequest(signal, written(actual, signal), defaults)]),
  );
}

test.each<[RecordSignal, string]>([
  ['logs', '[{ body: a }]'],
  ['logs', '[{ body: { deep: [1, 2.0] }, severity: INFO, attributes: {}, resource: { a: b } }]'],
  ['traces', '[{ name: a, events: [{ name: b }], links: [{ trace_id: 1, span_id: 2 }] }, { name: b, duration: 5ms }]'],
  ['metrics', '[{ name: a, value: 1 }, { name: b, value: 1.0, monotonic: true }, { name: c, count: 1, sum: 2.5 }]'],
])('%s are exactly as they were written, whatever was filled in: %s', (signal, text) => {
  expect(mismatches(matchExactly, text, text, signal)).toEqual([]);
});

test('what was filled in is compared where it is written', () => {
  expect(mismatches(matchExactly, "[{ body: a, time: '2026-01-01T00:00:01Z' }]", '[{ body: a }]')).toMatchObject([
    { kind: 'different', changes: [{ path: 'time' }] },
  ]);
  expect(mismatches(matchExactly, '[{ name: a, trace_id: 7 }]', '[{ name: a }]', 'traces')).toMatchObject([
    { kind: 'different', changes: [{ path: 'trace_id' }] },
  ]);
  expect(
    mismatches(matchExactly, '[{ name: a, duration: 5ms }]', '[{ name: a, duration: 6ms }]', 'traces'),
  ).toMatchObject([{ kind: 'different', changes: [{ path: 'duration', before: '5ms', after: '6ms' }] }]);
});

test("ids of log records are nobody's to fill in", () => {
  expect(mismatches(matchExactly, '[{ body: a }]', '[{ body: a, trace_id: 7 }]')).toMatchObject([
    { kind: 'different', changes: [{ path: 'trace_id', before: undefined }] },
  ]);
});

test('a subset has each record once, and leaves those to others that fit nothing else', () => {
  const actual = '[{ body: a, severity: INFO }, { body: a, severity: WARN }]';
  expect(mismatches(matchSubset, '[{ body: a }, { severity: INFO }]', actual)).toEqual([]);
  expect(mismatches(matchSubset, '[{ severity: INFO }, { severity: INFO }]', actual)).toMatchObject([
    { kind: 'different', expected: 1 },
  ]);
  expect(mismatches(matchSubset, '[{ body: a }, { body: a }, { body: a }]', actual)).toEqual([
    { kind: 'missing', expected: 2 },
  ]);
});

test('a null says that something is not there', () => {
  const expected = '[{ body: a, severity: null, attributes: { b: 1, c: null } }]';
  expect(mismatches(matchExactly, expected, '[{ body: a, attributes: { b: 1 } }]')).toEqual([]);
  expect(mismatches(matchSubset, expected, '[{ body: a, attributes: { b: 1, d: 2 } }]')).toEqual([]);
  expect(mismatches(matchSubset, expected, '[{ body: a, attributes: { b: 1, c: 2 } }]')).toMatchObject([
    { kind: 'different', changes: [{ path: 'attributes["c"]', before: null, after: 2n }] },
  ]);
});
