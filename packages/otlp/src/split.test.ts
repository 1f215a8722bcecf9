import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countItems } from './count.ts';
import { LogsBatch } from './logs-batch.ts';
import { MetricsBatch } from './metrics-batch.ts';
import { ProfilesBatch } from './profiles-batch.ts';
import { splitChunks } from './split.ts';
import { requests } from './testing/arbitraries.ts';
import { decode, encode, type Plain } from './testing/oracle.ts';
import { rewire } from './testing/rewire.ts';

const signals = ['logs', 'traces', 'metrics'] as const;

function chunksOf(signal: (typeof signals)[number]): fc.Arbitrary<Uint8Array[]> {
  const chunk = fc
    .tuple(requests[signal], fc.nat(), fc.constantFrom(0, 0.3))
    .map(([request, seed, chance]) =>
      rewire(signal, encode(signal, request), seed, { chance, unknownFields: false, splitSingular: false }),
    );
  return fc.array(chunk, { minLength: 1, maxLength: 3 });
}

/** Every innermost item with all that is around it, as text: what a split must keep, in this order. */
function items(value: unknown, around: Plain, names: readonly string[]): string[] {
  const out: string[] = [];
  const node = value as Record<string, unknown>;
  // A data point's sum is a number, a metric's a message: only messages are levels.
  const inner = names.filter((name) => typeof node[name] === 'object');
  if (inner.length === 0) return [show({ ...around, item: node as Plain })];
  const rest = Object.fromEntries(Object.entries(node).filter(([name]) => !inner.includes(name)));
  const next = { ...around, [Object.keys(around).length]: rest as Plain };
  for (const name of inner) {
    const list = (Array.isArray(node[name]) ? node[name] : [node[name]]) as unknown[];
    for (const each of list) out.push(...items(each, Object.assign({}, next, { [`in${name}`]: true }), names));
  }
  return out;
}

const NAMES = (
  'resourceLogs scopeLogs logRecords resourceSpans scopeSpans spans resourceMetrics scopeMetrics metrics ' +
  'gauge sum histogram exponentialHistogram summary dataPoints'
).split(' ');

function show(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === 'bigint' || typeof each === 'number') return Object.is(each, -0) ? '-0' : `${each}`;
    return each;
  });
}

function allItems(signal: string, chunks: Uint8Array[]): string[] {
  return chunks.flatMap((chunk) => {
    const request = decode(signal, chunk);
    return Object.keys(request).length === 0 ? [] : items(request, {}, NAMES);
  });
}

describe.each(signals)('%s', (signal) => {
  test('splitting keeps every item with its headers, in order, within the limits', () => {
    fc.assert(
      fc.property(
        chunksOf(signal),
        fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
        fc.option(fc.integer({ min: 1, max: 600 }), { nil: undefined }),
        (chunks, itemsMax, bytesMax) => {
          const limits = {
            ...(itemsMax === undefined ? {} : { itemsMax }),
            ...(bytesMax === undefined ? {} : { bytesMax }),
          };
          const parts = splitChunks(signal, chunks, limits);
          expect(allItems(signal, parts.flat())).toEqual(allItems(signal, chunks));
          const total = (list: Uint8Array[]): number => list.reduce((sum, each) => sum + countItems(signal, each), 0);
          expect(total(parts.flat())).toBe(total(chunks));
          for (const part of parts) {
            const count = total(part);
            const bytes = part.reduce((sum, each) => sum + each.length, 0);
            expect(count).toBeLessThanOrEqual(itemsMax ?? Infinity);
            // More than the limit only as a single item that can't be cut, or a container that is all header.
            expect(count <= 1 || bytes <= (bytesMax ?? Infinity)).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('splitting', () => {
  const record = (text: string): Plain => ({ body: { stringValue: text } });
  const logs = encode('logs', {
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
        schemaUrl: 'https://x/1',
        scopeLogs: [{ scope: { name: 's' }, logRecords: ['a', 'b', 'c', 'd', 'e'].map(record) }],
      },
    ],
  });

  test('fills each part up to the limit and shares chunks that fit', () => {
    const batch = LogsBatch.of([logs, logs]);
    const parts = batch.split({ itemsMax: 6 });
    expect(parts.map((part) => part.itemCount)).toEqual([6, 4]);
    expect(parts[0].chunks[0]).toBe(logs);
    const bodies = parts.map((part) => [...part.records].length);
    expect(bodies).toEqual([6, 4]);
    for (const part of parts)
      for (const each of part.records) {
        expect(each.resource.attributes.get('service.name')).toBe('shop');
        expect(each.resource.schemaUrl).toBe('https://x/1');
        expect(each.scope.name).toBe('s');
      }
  });

  test('an item that is larger than the limit comes alone', () => {
    const parts = LogsBatch.of([logs]).split({ bytesMax: 20 });
    expect(parts.map((part) => part.itemCount)).toEqual([1, 1, 1, 1, 1]);
  });

  test('a metric is cut between its data points and stays the same metric', () => {
    const points = Array.from({ length: 10 }, (_, i) => ({ asInt: BigInt(i) }));
    const sum = { dataPoints: points, aggregationTemporality: 2, isMonotonic: true };
    const bytes = encode('metrics', {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', unit: 's', sum }, { name: 'empty' }] }] }],
    });
    const parts = MetricsBatch.of([bytes]).split({ itemsMax: 4 });
    expect(parts.map((part) => part.itemCount)).toEqual([4, 4, 2]);
    const seen: unknown[] = [];
    for (const part of parts)
      for (const point of part.dataPoints) {
        expect([point.metric.name, point.metric.unit, point.metric.isMonotonic]).toEqual(['m', 's', true]);
        expect(point.metric.aggregationTemporality).toBe(2);
        if (point.type === 'number') seen.push(point.value);
      }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...parts[2].metrics].length).toBe(2);
  });

  test('a batch within the limits is one part, an empty one is none', () => {
    expect(LogsBatch.of([logs]).split({ itemsMax: 5 })[0].chunks[0]).toBe(logs);
    expect(LogsBatch.of([]).split({ itemsMax: 5 })).toEqual([]);
  });

  test('limits below one are refused', () => {
    expect(() => LogsBatch.of([logs]).split({ itemsMax: 0 })).toThrow(RangeError);
    expect(() => LogsBatch.of([logs]).split({ bytesMax: Number.NaN })).toThrow(RangeError);
  });

  test('profiles are dealt out chunk by chunk', () => {
    const chunk = encode('profiles', { resourceProfiles: [{}] });
    expect(
      ProfilesBatch.of([chunk, chunk])
        .split()
        .map((part) => part.toBytes()),
    ).toEqual([chunk, chunk]);
  });
});
