import { protoToJson, type MetricsBatch } from '@millrace/otlp';
import { describe, expect, test } from 'vitest';
import { compileStatements } from '../../compile-statements.ts';
import { functionRegistry } from '../../function/define-function.ts';
import { expectedOf, runExample } from '../../testing/run-example.ts';
import { makeTelemetry } from '../../testing/telemetry.ts';
import { STANDARD_FUNCTIONS } from '../standard-functions.ts';
import { gaugeOf, requestWith, SUMMARY } from './example-metrics.ts';
import { METRIC_FUNCTIONS } from './metric-functions.ts';

const functions = functionRegistry(STANDARD_FUNCTIONS, METRIC_FUNCTIONS);
const world = { functions };

describe.each(METRIC_FUNCTIONS.map((called) => [called.name, called] as const))('%s', (_, called) => {
  test.each(called.examples.map((example) => [example.code, example] as const))(
    'does what its example says: %s',
    (_code, example) => {
      expect(runExample(called, example, world)).toEqual(expectedOf(called, example));
    },
  );
});

/** The metrics after statements ran on each of those given. */
function run(statements: readonly string[], ...metrics: readonly object[]): unknown {
  const batch = makeTelemetry(requestWith(...metrics), 'metric') as MetricsBatch;
  const program = compileStatements({ ...world, context: 'metric', statements, errorMode: 'propagate' });
  for (const metric of batch.metrics) program.run(metric);
  return JSON.parse(Buffer.from(protoToJson('metrics', batch.chunks)).toString()) as unknown;
}

const POINTS = [{ timeUnixNano: '2', asInt: '7' }];
const sum = (name: string): object => ({
  name,
  sum: { dataPoints: POINTS, aggregationTemporality: 2, isMonotonic: true },
});

describe('a metric whose type changes', () => {
  test('stays in its place, and later statements see what it is now', () => {
    const gauge = (name: string): object => ({ name, gauge: { dataPoints: POINTS } });
    const statements = [
      'set(metric.description, "before")',
      'convert_sum_to_gauge() where metric.name != "b"',
      'set(metric.unit, "gauge") where metric.type == METRIC_DATA_TYPE_GAUGE',
      'scale_metric(2)',
    ];
    const doubled = [{ timeUnixNano: '2', asInt: '14' }];
    expect(run(statements, sum('a'), sum('b'), gauge('c'))).toEqual(
      requestWith(
        { name: 'a', description: 'before', unit: 'gauge', gauge: { dataPoints: doubled } },
        {
          name: 'b',
          description: 'before',
          sum: { dataPoints: doubled, aggregationTemporality: 2, isMonotonic: true },
        },
        { name: 'c', description: 'before', unit: 'gauge', gauge: { dataPoints: doubled } },
      ).otlp,
    );
  });

  test('can change back', () => {
    expect(run(['convert_sum_to_gauge()', 'convert_gauge_to_sum("cumulative", true)'], sum('a'), sum('b'))).toEqual(
      requestWith(sum('a'), sum('b')).otlp,
    );
  });
});

test.each([
  ['sum', 14],
  ['max', 9],
  ['min', 1],
  ['mean', 3],
  ['median', 2],
  ['count', 4],
])('int64s aggregated by %s make %d', (name, result) => {
  const given = gaugeOf([{ a: '1' }, 1], [{ a: '2' }, 9], [{ a: '3' }, 2], [{ a: '4' }, 2]);
  expect(run([`aggregate_on_attributes("${name}", [])`], given)).toEqual(requestWith(gaugeOf([{}, result])).otlp);
});

test('histograms with the same bounds are added up, others are not', () => {
  const point = (bounds: readonly number[], counts: readonly string[], count: string): object => ({
    timeUnixNano: '2',
    count,
    sum: 1.5,
    bucketCounts: counts,
    explicitBounds: bounds,
  });
  const histogram = (...dataPoints: readonly object[]): object => ({
    name: 'm',
    histogram: { dataPoints, aggregationTemporality: 2 },
  });
  expect(
    run(
      ['aggregate_on_attributes("sum")'],
      histogram(point([1], ['1', '2'], '3'), point([2], ['1', '0'], '1'), point([1], ['3', '4'], '7')),
    ),
  ).toEqual(requestWith(histogram({ ...point([1], ['4', '6'], '10'), sum: 3 }, point([2], ['1', '0'], '1'))).otlp);
});

test('several metrics can be made of one, in order', () => {
  const statements = ['extract_count_metric(true)', 'extract_sum_metric(false)', 'copy_metric(name="c")'];
  const [count, total] = [{ asInt: '3' }, { asDouble: 4.5 }].map((value) => ({
    dataPoints: [{ timeUnixNano: '2', ...value, attributes: SUMMARY.summary.dataPoints[0].attributes }],
    aggregationTemporality: 2,
  }));
  expect(run(statements, SUMMARY)).toEqual(
    requestWith(
      SUMMARY,
      { name: 'm_count', unit: '1', sum: { ...count, isMonotonic: true } },
      { name: 'm_sum', unit: 's', sum: total },
      { ...SUMMARY, name: 'c' },
    ).otlp,
  );
});

test('a random distribution loses no count', () => {
  const bucketCounts = ['1000', '0', '777'];
  const given = {
    name: 'm',
    exponentialHistogram: { dataPoints: [{ count: '1777', scale: -2, positive: { bucketCounts } }] },
  };
  const result = run(['convert_exponential_histogram_to_histogram("random", [2, 5, 300, 1000])'], given);
  const counts = /"bucketCounts":\[([^\]]*)\]/.exec(JSON.stringify(result))![1].split(',');
  expect(counts).toHaveLength(5);
  expect(counts.reduce((total, text) => total + Number(text.replaceAll('"', '')), 0)).toBe(1777);
});

test.each([
  [10, -(2 ** 1.5)],
  [30, 0],
  [50, 2 ** 0.25],
  [100, 8],
])('percentile %d of an exponential histogram is %d', (percent, expected) => {
  const point = {
    count: '10',
    zeroCount: '2',
    positive: { bucketCounts: ['4', '1', '1'] },
    negative: { offset: 1, bucketCounts: ['2'] },
  };
  const given = { name: 'm', exponentialHistogram: { dataPoints: [point] } };
  const result = JSON.stringify(run([`extract_percentile_metric(${percent})`], given));
  const value = Number(/"asDouble":([-\d.]+)/.exec(result)![1]);
  expect(value).toBeCloseTo(expected, 10);
});
