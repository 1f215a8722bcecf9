import { permanent, type StatefulProcessor } from '@millrace/api';
import { type FakeState, ManualClock } from '@millrace/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import type { DeltaSettings } from './delta-settings.ts';
import definition from './index.ts';
import { DeltaHost } from './testing/delta-host.ts';

const NOW_MS = 1_700_000_000_000;
const match = { metrics: [], metric_types: [] };
const WITHOUT: DeltaSettings = {
  include: match,
  exclude: match,
  max_staleness: 3_600_000,
  initial_value: 'auto',
  max_streams: 100_000,
};
const SETTINGS: DeltaSettings = { ...WITHOUT, storage: 'store' };

let states: Map<string, FakeState>;
let clock: ManualClock;

beforeEach(async () => {
  states = new Map();
  clock = new ManualClock();
  await clock.advance(NOW_MS - clock.now());
});

interface Run {
  readonly host: DeltaHost;
  readonly processor: StatefulProcessor;
}

/** A run of the process: what a former one has stored is there. */
async function run(settings = SETTINGS): Promise<Run> {
  const host = new DeltaHost({ states, clock });
  const processor = definition.stateful!.create(settings, host);
  await processor.start?.();
  return { host, processor };
}

const at = (seconds: number) => String(BigInt(NOW_MS + seconds * 1000) * 1_000_000n);

/** Points of one series for each name; from before the process, so that a first one is dropped. */
const sums = (value: number, seconds: number, ...names: string[]) =>
  names.map((name) => ({
    name,
    sum: {
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [{ asInt: String(value), startTimeUnixNano: at(-9), timeUnixNano: at(seconds) }],
    },
  }));

const histogram = (count: number, seconds: number) => ({
  name: 'h',
  histogram: {
    aggregationTemporality: 2,
    dataPoints: [
      {
        count: String(count),
        sum: count * 1.5,
        bucketCounts: [String(count), '0'],
        explicitBounds: [1],
        startTimeUnixNano: at(-9),
        timeUnixNano: at(seconds),
      },
    ],
  },
});

const exponential = (count: number, seconds: number) => ({
  name: 'e',
  exponentialHistogram: {
    aggregationTemporality: 2,
    dataPoints: [
      {
        count: String(count),
        scale: 1,
        zeroCount: '0',
        positive: { offset: 2, bucketCounts: [String(count)] },
        startTimeUnixNano: at(-9),
        timeUnixNano: at(seconds),
      },
    ],
  },
});

/** The deltas that came of these metrics, by name. */
async function deltas({ host, processor }: Run, metrics: readonly object[]): Promise<Record<string, unknown>> {
  await processor.consume(host.batchFrom(metrics));
  const points = JSON.stringify(host.take()).matchAll(/"name":"(\w+)".*?"(?:asInt|count)":"(\d+)"/g);
  return Object.fromEntries([...points].map(([, name, value]) => [name, Number(value)]));
}

describe('with a storage', () => {
  test('series go on after a restart where they were', async () => {
    const first = await run();
    const before = [...sums(5, 1, 'a'), histogram(6, 1), exponential(7, 1)];
    expect(await deltas(first, before)).toEqual({});
    await first.processor.shutdown();
    const second = await run();
    const after = [...sums(15, 2, 'a'), histogram(26, 2), exponential(37, 2)];
    expect(await deltas(second, after)).toEqual({ a: 10, h: 20, e: 30 });
    await second.processor.shutdown();
    const third = await run();
    expect(await deltas(third, sums(16, 3, 'a'))).toEqual({ a: 1 });
    await third.processor.shutdown();
  });

  test('after a crash series begin anew: what was passed on since is not counted twice', async () => {
    const first = await run();
    await deltas(first, sums(5, 1, 'a'));
    await first.processor.shutdown();
    const crashed = await run();
    expect(await deltas(crashed, sums(7, 2, 'a'))).toEqual({ a: 2 });
    const last = await run();
    expect(await deltas(last, sums(9, 3, 'a'))).toEqual({});
    await last.processor.shutdown();
    await crashed.processor.shutdown();
  });

  test('what comes behind the end is stored, too', async () => {
    const first = await run();
    await deltas(first, sums(5, 1, 'a'));
    await first.processor.shutdown();
    expect(await deltas(first, sums(8, 2, 'a', 'b'))).toEqual({ a: 3 });
    const second = await run();
    expect(await deltas(second, sums(9, 3, 'a', 'b'))).toEqual({ a: 1, b: 1 });
    await second.processor.shutdown();
  });

  test('what was refused behind the end is not stored', async () => {
    const first = await run();
    await deltas(first, sums(5, 1, 'a'));
    await first.processor.shutdown();
    first.host.answer = () => Promise.reject(permanent('no', { code: 'NO' }));
    await expect(deltas(first, sums(8, 2, 'a'))).rejects.toThrow('no');
    const second = await run();
    expect(await deltas(second, sums(9, 3, 'a'))).toEqual({ a: 4 });
    await second.processor.shutdown();
  });

  test('a successor that runs already is not disturbed', async () => {
    const old = await run();
    await deltas(old, sums(5, 1, 'a'));
    const next = await run();
    await deltas(next, sums(7, 2, 'a'));
    await old.processor.shutdown();
    await next.processor.shutdown();
    const last = await run();
    expect(await deltas(last, sums(9, 3, 'a'))).toEqual({ a: 2 });
    await last.processor.shutdown();
  });

  test('thousands of series take several values of the storage, and no room after the start', async () => {
    const names = Array.from({ length: 5_000 }, (_, i) => `s${i}`);
    const first = await run();
    await deltas(first, sums(5, 1, ...names));
    await first.processor.shutdown();
    expect(first.host.state('store').keys().toSorted()).toEqual(['owner', 'shard/0', 'shard/1', 'shard/2', 'shards']);
    const second = await run();
    expect(second.host.state('store').keys()).toEqual(['owner']);
    expect(Object.keys(await deltas(second, sums(6, 2, ...names)))).toHaveLength(5_000);
    await second.processor.shutdown();
  });

  test('series that have been silent for too long are forgotten at the start', async () => {
    const first = await run();
    await deltas(first, sums(5, 1, 'a'));
    await first.processor.shutdown();
    await clock.advance(SETTINGS.max_staleness + 1);
    const second = await run();
    expect(await deltas(second, sums(6, 2, 'a'))).toEqual({});
    await second.processor.shutdown();
  });

  test('no more series than are tracked come back', async () => {
    const first = await run();
    await deltas(first, sums(5, 1, 'a', 'b'));
    await first.processor.shutdown();
    const second = await run({ ...SETTINGS, max_streams: 1 });
    expect(await deltas(second, sums(6, 2, 'a', 'b'))).toEqual({ a: 1 });
    await second.processor.shutdown();
  });

  test('what cannot be read is said, and series begin anew', async () => {
    const first = await run();
    await deltas(first, sums(5, 1, 'a'));
    await first.processor.shutdown();
    await first.host.state('store').set('shard/0', Buffer.from('broken'));
    const second = await run();
    expect(second.host.recordedLog.lines.map(({ message }) => message)).toEqual([
      'cannot read the stored last points of series: each series begins anew',
    ]);
    expect(await deltas(second, sums(6, 2, 'a'))).toEqual({});
    await second.processor.shutdown();
  });
});

test('without a storage every series begins anew', async () => {
  const first = await run(WITHOUT);
  await deltas(first, sums(5, 1, 'a'));
  await first.processor.shutdown();
  const second = await run(WITHOUT);
  expect(await deltas(second, sums(6, 2, 'a'))).toEqual({});
  expect(states.size).toBe(0);
  await second.processor.shutdown();
});
