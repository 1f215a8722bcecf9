import { gzipSync, gunzipSync } from 'node:zlib';
import { countItems, LogsBatch, TracesBatch, validate } from '@millrace/otlp';
import { describe, expect, test } from 'vitest';
import { Arrivals } from './arrivals.ts';
import { newRun } from './load-id.ts';
import { LoadRequests, type LoadRequestsSettings, type LoadSignal, requestOf } from './load-requests.ts';
import { SHAPE_NAMES, type ShapeName, shapeOf } from './shape.ts';

const SIGNALS: readonly LoadSignal[] = ['logs', 'traces', 'metrics'];
const startUnixNano = 1_790_000_000_000_000_000n;

function requestsOf(signal: LoadSignal, change: Partial<LoadRequestsSettings> = {}): LoadRequests {
  const settings = { signal, batch: 50, shape: shapeOf('typical', signal), seed: 1, now: () => 1_790_000_000_000 };
  return new LoadRequests({ ...settings, compression: 'none', ...change });
}

const EXPECTED_BYTES: Readonly<Record<ShapeName, readonly [number, number]>> = {
  small: [90, 180],
  typical: [250, 350],
  fat: [1_000, 2_100],
  deep: [600, 1_700],
};

describe.each(SIGNALS)('%s', (signal) => {
  test.each(SHAPE_NAMES)('%s ones are valid, of the size that is promised, and diverse', (name) => {
    const bytes = requestOf(signal, { seed: 7, items: 500, shape: shapeOf(name, signal), startUnixNano });
    validate(signal, bytes);
    expect(countItems(signal, bytes)).toBe(500);
    const [least, most] = EXPECTED_BYTES[name];
    expect(bytes.length / 500).toBeGreaterThan(least);
    expect(bytes.length / 500).toBeLessThan(most);
    // Repeated records would compress a hundred times better.
    expect(bytes.length / gzipSync(bytes).length).toBeLessThan(10);
  });

  test('the same seed gives the same bytes, and another seed others', () => {
    const bodies = (seed: number) => {
      const requests = requestsOf(signal, { seed });
      return [0, 1, 40].map((number) => Buffer.from(requests.request(number, 50).body));
    };
    expect(bodies(1)).toEqual(bodies(1));
    expect(bodies(1)).not.toEqual(bodies(2));
  });

  test('every item carries an id of its own, through compression, and in requests that are shorter', () => {
    const run = newRun();
    const arrivals = new Arrivals();
    const requests = requestsOf(signal, { run, compression: 'gzip' });
    for (let number = 0; number < 70; number++) arrivals.add(signal, gunzipSync(requests.request(number, 50).body));
    arrivals.add(signal, gunzipSync(requests.request(70, 13).body));
    expect(arrivals.totals.items[signal]).toBe(3_513);
    expect(arrivals.totals.runs).toEqual({ [run]: { received: 3_513, distinct: 3_513 } });
    arrivals.add(signal, gunzipSync(requests.request(3, 50).body));
    expect(arrivals.totals.runs).toEqual({ [run]: { received: 3_563, distinct: 3_513 } });
  });
});

test('each sending of a request has trace ids of its own', () => {
  const requests = requestsOf('traces', { batch: 20 });
  const ids = new Set<string>();
  for (let number = 0; number < 100; number++) {
    for (const { traceId } of TracesBatch.of([requests.request(number, 20).body]).spans) ids.add(traceId);
  }
  expect(ids.size).toBe(200);
});

test('times are of when a request is sent, within a minute', () => {
  let nowMs = 1_790_000_000_000;
  const requests = requestsOf('logs', { now: () => nowMs });
  const firstTime = () => {
    const [record] = LogsBatch.of([requests.request(0, 50).body]).records;
    return record.timeUnixMs;
  };
  expect(firstTime()).toBe(nowMs);
  nowMs += 61_000;
  expect(firstTime()).toBe(nowMs);
});

test('sizes, numbers of attributes and of distinct values are as asked for', () => {
  const shape = shapeOf('typical', 'logs', { bodyBytes: 777, attributes: 9, distinct: 3 });
  const sessions = new Set<unknown>();
  for (const record of LogsBatch.of([requestOf('logs', { seed: 1, items: 200, shape, startUnixNano })]).records) {
    expect(Buffer.byteLength(record.body as string)).toBe(777);
    expect([...record.attributes]).toHaveLength(9);
    sessions.add(record.attributes.get('session.id'));
  }
  expect(sessions.size).toBe(3);
});
