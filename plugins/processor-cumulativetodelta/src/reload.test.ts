import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf, ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';

const config = (exporter: string) =>
  [
    'receivers: { test/in: }',
    'exporters: { test/a: , test/b: }',
    'processors: { cumulativetodelta: { initial_value: drop } }',
    `service: { pipelines: { metrics: { receivers: [test/in], processors: [cumulativetodelta], exporters: [${exporter}] } } }`,
  ].join('\n');

const sum = (value: number, time: number) => {
  const dataPoints = [{ asInt: String(value), startTimeUnixNano: '1', timeUnixNano: String(time) }];
  const metrics = [{ name: 'n', sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints } }];
  return jsonToProto('metrics', JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }));
};

type Running = Awaited<ReturnType<typeof collectorOf>>;

const values = (collector: Running, exporter: string) =>
  collector.out(exporter).accepted.flatMap(({ bytes }) => {
    const json = Buffer.from(protoToJson('metrics', bytes)).toString();
    return [...json.matchAll(/"asInt":"(\d+)"/g)].map(([, value]) => Number(value));
  });

test('series go on over a reload that leaves the processor as it is', async () => {
  await using collector = await collectorOf(config('test/a'), {
    plugins: [new URL('./index.ts', import.meta.url)],
    clock: new ManualClock(),
  });
  await collector.in().send('metrics', sum(5, 2));
  const { kept } = await collector.reload(config('test/b'));
  expect(kept).toBe(2);
  await collector.in().send('metrics', sum(12, 3));
  expect([values(collector, 'test/a'), values(collector, 'test/b')]).toEqual([[], [7]]);
});
