import { type DeliveryError, permanent, retryable, type StatefulProcessor } from '@millrace/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeltaSettings } from './delta-settings.ts';
import definition from './index.ts';
import { DeltaHost } from './testing/delta-host.ts';

const NOW_MS = 1_700_000_000_000;
const match = { metrics: [], metric_types: [] };
const DEFAULTS: DeltaSettings = {
  include: match,
  exclude: match,
  max_staleness: 3_600_000,
  initial_value: 'auto',
  max_streams: 100,
};

let host: DeltaHost;
let processor: StatefulProcessor;

async function start(settings: Partial<DeltaSettings> = {}): Promise<void> {
  host = new DeltaHost();
  await host.manualClock.advance(NOW_MS - host.clock.now());
  processor = definition.stateful!.create({ ...DEFAULTS, ...settings }, host);
  await processor.start?.();
}

beforeEach(() => start());

afterEach(async () => {
  await processor.shutdown();
  expect(host.ledger.faults).toEqual([]);
  expect(host.ledger.leaks).toEqual([]);
  expect(host.manualClock.pending).toBe(0);
});

/** Nanoseconds, so many seconds after the processor started. */
const at = (seconds: number) => String(BigInt(NOW_MS + seconds * 1000) * 1_000_000n);
const attributes = [{ key: 'k', value: { stringValue: 'v' } }];

const sum = (...dataPoints: object[]) => ({
  name: 'sum',
  sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints },
});
const int = (asInt: string | number, time: number, more: object = {}) => ({
  asInt: String(asInt),
  startTimeUnixNano: at(1),
  timeUnixNano: at(time),
  ...more,
});
const double = (asDouble: number | string, time: number) => ({
  asDouble,
  startTimeUnixNano: at(1),
  timeUnixNano: at(time),
});

async function send(...metrics: object[]): Promise<unknown[]> {
  await processor.consume(host.batchFrom(metrics));
  return metricsIn(host.take());
}

function metricsIn(requests: unknown[]): unknown[] {
  const typed = requests as { resourceMetrics?: { scopeMetrics: { metrics: unknown[] }[] }[] }[];
  return typed.flatMap(({ resourceMetrics = [] }) =>
    resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics)),
  );
}

const deltaSum = (...dataPoints: object[]) => ({ sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints } });
const dropped = (reason: string, type = 'sum') =>
  host.recordedTelemetry.value(
    `cumulativetodelta_datapoints_dropped{processor="cumulativetodelta",metric_type="${type}",reason="${reason}"}`,
  ) ?? 0;

describe('sums', () => {
  test('become what was added since the last point, whose time is their start', async () => {
    await send(sum(int(10, 10)));
    expect(await send(sum(int(25, 20, { attributes: [] })))).toMatchObject([
      deltaSum({ asInt: '15', startTimeUnixNano: at(10), timeUnixNano: at(20) }),
    ]);
  });

  test('are exact beyond 2^53', async () => {
    await send(sum(int('9007199254740993', 10)));
    expect(await send(sum(int('9223372036854775807', 20)))).toMatchObject([deltaSum({ asInt: '9214364837600034814' })]);
  });

  test('of doubles and of integers are different series', async () => {
    await send(sum(double(1.5, 10)), sum(int(1, 10)));
    expect(await send(sum(double(4, 20)), sum(int(3, 20)))).toMatchObject([
      deltaSum({ asDouble: 2.5 }),
      deltaSum({ asInt: '2' }),
    ]);
  });

  test('with other attributes, another unit, or another resource are different series', async () => {
    await send(sum(int(1, 10), int(10, 10, { attributes })), { ...sum(int(100, 10)), unit: 'By' });
    expect(
      await send(sum(int(2, 20), int(20, 20, { attributes })), { ...sum(int(200, 20)), unit: 'By' }),
    ).toMatchObject([deltaSum({ asInt: '1' }, { asInt: '10' }), { ...deltaSum({ asInt: '100' }), unit: 'By' }]);
  });

  test('that fell were reset: the point is dropped, and the next counts from it', async () => {
    await send(sum(int(10, 10)));
    expect(await send(sum(int(4, 20)))).toEqual([]);
    expect(dropped('reset')).toBe(1);
    expect(await send(sum(int(6, 30)))).toMatchObject([deltaSum({ asInt: '2', startTimeUnixNano: at(20) })]);
  });

  test('with a new start are a new series', async () => {
    await send(sum(int(10, 10)));
    expect(await send(sum(int(3, 20, { startTimeUnixNano: at(15) })))).toMatchObject([
      deltaSum({ asInt: '3', startTimeUnixNano: at(15) }),
    ]);
  });

  test('that come late or twice are dropped, and change nothing', async () => {
    await send(sum(int(10, 10)));
    expect(await send(sum(int(4, 5), int(10, 10)))).toEqual([]);
    expect(dropped('out_of_order')).toBe(2);
    expect(await send(sum(int(12, 20)))).toMatchObject([deltaSum({ asInt: '2' })]);
  });

  test('without a time are taken in the order in which they come', async () => {
    await start({ initial_value: 'drop' });
    const timeless = (value: number) => sum({ asInt: String(value) });
    await send(timeless(1));
    expect(await send(timeless(5))).toMatchObject([deltaSum({ asInt: '4' })]);
  });

  test('that are not a number pass as they are, and those without a value are dropped', async () => {
    await send(sum(double(1, 10)));
    expect(await send(sum(double('NaN', 20), { ...double(0, 20), flags: 1 }))).toMatchObject([
      deltaSum({ asDouble: 'NaN', startTimeUnixNano: at(1) }),
    ]);
    expect(dropped('no_recorded_value')).toBe(1);
    expect(await send(sum(double(3, 30)))).toMatchObject([deltaSum({ asDouble: 2, startTimeUnixNano: at(10) })]);
  });
});

describe('first points', () => {
  const before = { startTimeUnixNano: at(-60) };
  const unset = { startTimeUnixNano: '0' };
  const started = { startTimeUnixNano: at(1) };
  const atStart = { startTimeUnixNano: at(10) };

  test.each([
    ['auto', before, false],
    ['auto', unset, false],
    ['auto', started, true],
    ['auto', atStart, false],
    ['keep', before, true],
    ['keep', atStart, true],
    ['drop', started, false],
  ] as const)('with %s and %o: passed on is %s', async (initial_value, times, passes) => {
    await start({ initial_value });
    const passed = await send(sum(int(7, 10, times)));
    expect(passed).toMatchObject(passes ? [deltaSum({ asInt: '7', ...(times === before ? before : {}) })] : []);
    expect(dropped('initial')).toBe(passes ? 0 : 1);
    expect(await send(sum(int(9, 20, times)))).toMatchObject([deltaSum({ asInt: '2' })]);
  });
});

describe('histograms', () => {
  const histogram = (count: number, bucketCounts: number[], time: number, more: object = {}) => ({
    name: 'histogram',
    histogram: {
      aggregationTemporality: 2,
      dataPoints: [
        {
          startTimeUnixNano: at(1),
          timeUnixNano: at(time),
          count: String(count),
          sum: count * 10,
          min: 1,
          max: 9,
          bucketCounts: bucketCounts.map(String),
          explicitBounds: [1, 2],
          ...more,
        },
      ],
    },
  });
  const points = ([metric]: unknown[]) => (metric as ReturnType<typeof histogram> | undefined)?.histogram.dataPoints;

  test('become what was added, without extremes, which are of all time', async () => {
    await send(histogram(3, [1, 1, 1], 10));
    expect(points(await send(histogram(7, [1, 2, 4], 20)))).toEqual([
      {
        startTimeUnixNano: at(10),
        timeUnixNano: at(20),
        count: '4',
        sum: 40,
        bucketCounts: ['0', '1', '3'],
        explicitBounds: [1, 2],
      },
    ]);
  });

  test('that were reset pass with what they show, and a sum that is no number stays so', async () => {
    await send(histogram(3, [1, 1, 1], 10));
    expect(points(await send(histogram(2, [0, 1, 1], 20, { sum: 'NaN' })))).toMatchObject([{ count: '2', sum: 'NaN' }]);
    expect(points(await send(histogram(5, [1, 2, 2], 30)))).toMatchObject([{ count: '3', sum: 50 }]);
  });

  test('whose buckets change lose a point', async () => {
    await send(histogram(3, [1, 1, 1], 10));
    expect(await send(histogram(9, [1, 2, 6], 20, { explicitBounds: [1, 3] }))).toEqual([]);
    expect(dropped('bucket_mismatch', 'histogram')).toBe(1);
    expect(points(await send(histogram(10, [1, 2, 7], 30, { explicitBounds: [1, 3] })))).toMatchObject([
      { count: '1' },
    ]);
  });

  test('with exponential buckets, too', async () => {
    const exponential = (count: number, bucketCounts: number[], time: number) => ({
      name: 'exponential',
      exponentialHistogram: {
        aggregationTemporality: 2,
        dataPoints: [
          {
            startTimeUnixNano: at(1),
            timeUnixNano: at(time),
            count: String(count),
            sum: count,
            scale: 1,
            zeroCount: '1',
            max: 4,
            positive: { offset: -1, bucketCounts: bucketCounts.map(String) },
          },
        ],
      },
    });
    await send(exponential(3, [1, 1], 10));
    const [metric] = (await send(exponential(6, [1, 4], 20))) as ReturnType<typeof exponential>[];
    expect(metric?.exponentialHistogram).toMatchObject({ aggregationTemporality: 1 });
    expect(metric?.exponentialHistogram.dataPoints).toEqual([
      {
        startTimeUnixNano: at(10),
        timeUnixNano: at(20),
        count: '3',
        sum: 3,
        scale: 1,
        positive: { offset: -1, bucketCounts: ['0', '3'] },
        negative: {},
      },
    ]);
  });
});

describe('what is converted', () => {
  const untouched = [
    { name: 'gauge', gauge: { dataPoints: [int(5, 10)] } },
    { name: 'falls', sum: { aggregationTemporality: 2, dataPoints: [int(5, 10)] } },
    { name: 'delta', sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [int(5, 10)] } },
    { name: 'summary', summary: { dataPoints: [{ timeUnixNano: at(10), count: '1', sum: 2 }] } },
  ];

  test('is not what is no cumulative monotonic sum or histogram', async () => {
    expect(await send(...untouched)).toMatchObject(untouched);
    expect(host.recordedTelemetry.sum(/datapoints/)).toBe(0);
  });

  const named = (name: string) => ({ ...sum(int(5, 10)), name });

  test.each<readonly [Partial<DeltaSettings>, string]>([
    [{ include: { ...match, metrics: ['a', 'b'], match_type: 'strict' } }, 'a b'],
    [{ include: { ...match, metrics: ['^a'], match_type: 'regexp' } }, 'a ab'],
    [{ exclude: { ...match, metrics: ['b'], match_type: 'regexp' } }, 'a'],
    [
      {
        include: { ...match, metrics: ['a'], match_type: 'regexp' },
        exclude: { ...match, metrics: ['ab'], match_type: 'strict' },
      },
      'a',
    ],
    [{ include: { metrics: [], metric_types: ['Sum'] } }, 'a ab b'],
    [{ include: { metrics: [], metric_types: ['histogram'] } }, ''],
    [{ exclude: { metrics: [], metric_types: ['sum'] } }, ''],
  ])('%j: %s', async (settings, expected) => {
    await start({ ...settings, initial_value: 'keep' });
    const passed = (await send(named('a'), named('ab'), named('b'))) as (ReturnType<typeof sum> & { name: string })[];
    const converted = passed.filter((metric) => metric.sum.aggregationTemporality === 1);
    expect(converted.map(({ name }) => name).join(' ')).toBe(expected);
  });
});

describe('what is remembered', () => {
  test('is bounded: points of further series are dropped and counted', async () => {
    await start({ max_streams: 2 });
    const series = (name: string, value: number, time: number) => ({ ...sum(int(value, time)), name });
    await send(series('a', 1, 10), series('b', 1, 10), series('c', 1, 10));
    expect(dropped('max_streams')).toBe(1);
    expect(host.recordedTelemetry.value('cumulativetodelta_streams_tracked{processor="cumulativetodelta"}')).toBe(2);
    expect(await send(series('a', 3, 20), series('c', 9, 20))).toMatchObject([
      { name: 'a', ...deltaSum({ asInt: '2' }) },
    ]);
  });

  test('is forgotten when a series is stale', async () => {
    await start({ max_staleness: 60_000, initial_value: 'drop' });
    await send(sum(int(1, 10)));
    await host.manualClock.advance(59_000);
    expect(await send(sum(int(2, 70)))).toHaveLength(1);
    await host.manualClock.advance(121_000);
    expect(await send(sum(int(3, 300)))).toEqual([]);
    expect(dropped('initial')).toBe(2);
  });

  test('is what was before, where the deltas were refused: nothing is lost, whether they come again or not', async () => {
    await send(sum(int(10, 10)));
    host.answer = () => Promise.reject(retryable('busy', { code: 'BUSY' }));
    const refused = processor.consume(host.batchFrom([sum(int(15, 20))]));
    await expect(refused).rejects.toMatchObject({ code: 'BUSY' });
    host.answer = () => Promise.resolve();
    expect(await send(sum(int(15, 20)))).toMatchObject([deltaSum({ asInt: '5', startTimeUnixNano: at(10) })]);

    host.answer = () => Promise.reject(permanent('bad'));
    await expect(processor.consume(host.batchFrom([sum(int(20, 30))]))).rejects.toMatchObject({ retryable: false });
    host.answer = () => Promise.resolve();
    expect(await send(sum(int(22, 40)))).toMatchObject([deltaSum({ asInt: '7', startTimeUnixNano: at(20) })]);
    expect(host.recordedTelemetry.sum(/dropped/)).toBe(0);
  });

  test('is what was before, where there is no memory for the deltas', async () => {
    await send(sum(int(10, 10)));
    host.beforeMaking = () => {
      throw retryable('no memory', { code: 'OUT_OF_MEMORY' });
    };
    const refused = processor.consume(host.batchFrom([sum(int(15, 20))]));
    await expect(refused).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' });
    host.beforeMaking = () => undefined;
    expect(await send(sum(int(15, 20)))).toMatchObject([deltaSum({ asInt: '5' })]);
  });
});

test('senders are answered when their deltas are taken; what comes meanwhile goes on together', async () => {
  const answers: (() => void)[] = [];
  host.answer = () => new Promise((resolve) => answers.push(resolve));
  const given = [10, 20, 30].map((time) => {
    const sent = { state: 'waiting' as string | DeliveryError };
    processor.consume(host.batchFrom([sum(int(time, time))])).then(
      () => (sent.state = 'accepted'),
      (error: unknown) => (sent.state = error as DeliveryError),
    );
    return sent;
  });
  await host.manualClock.settle();
  expect(host.passed).toHaveLength(1);
  answers.shift()?.();
  await host.manualClock.settle();
  expect(given.map(({ state }) => state)).toEqual(['accepted', 'waiting', 'waiting']);
  expect(host.passed).toHaveLength(2);
  answers.shift()?.();
  await processor.shutdown();
  expect(given.map(({ state }) => state)).toEqual(['accepted', 'accepted', 'accepted']);
  expect(metricsIn(host.take())).toMatchObject([10, 10, 10].map((delta) => deltaSum({ asInt: String(delta) })));
});
