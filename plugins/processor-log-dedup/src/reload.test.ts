import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf, ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';

const config = (exporter: string, interval = '10s') =>
  [
    'receivers: { test/in: }',
    'exporters: { test/a: { guarantee: memory }, test/b: { guarantee: memory } }',
    `processors: { log_dedup: { interval: ${interval} } }`,
    `service: { pipelines: { logs: { receivers: [test/in], processors: [log_dedup], exporters: [${exporter}] } } }`,
  ].join('\n');

const records = (...bodies: string[]) =>
  jsonToProto(
    'logs',
    JSON.stringify({
      resourceLogs: [{ scopeLogs: [{ logRecords: bodies.map((body) => ({ body: { stringValue: body } })) }] }],
    }),
  );

async function running() {
  const clock = new ManualClock();
  const collector = await collectorOf(config('test/a'), { clock, plugins: [new URL('./index.ts', import.meta.url)] });
  /** The `log_count`s that an exporter was given. */
  const counts = (exporter: string) =>
    collector.out(exporter).accepted.flatMap(({ bytes }) => {
      const json = Buffer.from(protoToJson('logs', bytes)).toString();
      return [...json.matchAll(/"log_count","value":\{"intValue":"(\d+)"/g)].map(([, count]) => Number(count));
    });
  return { clock, collector, counts };
}

test('what is held over a reload that leaves the processor as it is goes on being counted', async () => {
  const { clock, collector, counts } = await running();
  await collector.in().send('logs', records('x', 'x'));
  const { kept } = await collector.reload(config('test/b'));
  expect(kept).toBe(2);
  await collector.in().send('logs', records('x'));
  await clock.advance(10_000);
  await collector.shutdown();
  expect([counts('test/a'), counts('test/b')]).toEqual([[], [3]]);
});

test('a reload that changes the processor passes on what it held', async () => {
  const { collector, counts } = await running();
  await collector.in().send('logs', records('x', 'x'));
  await collector.reload(config('test/a', '20s'));
  await expect.poll(() => counts('test/a')).toEqual([2]);
  await collector.in().send('logs', records('x'));
  await collector.shutdown();
  expect(counts('test/a')).toEqual([2, 1]);
});
