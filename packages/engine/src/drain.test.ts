import { collectorOf, ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { builtIn } from './testing/steps.ts';

const plugins = [builtIn('processor-batch')];

const config = (exporter: string, processors = '[]') => `
receivers: { test/in: }
processors: { batch: { timeout: 1h, send_batch_size: 1000 } }
exporters: { test/out: ${exporter} }
service:
  shutdown_timeout: 10s
  pipelines: { logs: { receivers: [test/in], processors: ${processors}, exporters: [test/out] } }
`;
const QUEUE = '{ sending_queue: { num_consumers: 1 }, retry_on_failure: }';

test('a shutdown delivers all that was accepted: what waits in the queue, and what a batch holds', async () => {
  const collector = await collectorOf(config(QUEUE, '[batch]'), { plugins });
  const out = collector.out();
  out.stall();
  const sent = Promise.all([1, 2, 3].map((id) => collector.in().push('logs', [id])));
  await sent;
  const ending = collector.shutdown();
  await out.until(({ open }) => open === 1);
  out.resume();
  await expect(ending).resolves.toEqual({ leftItems: 0, keptItems: 0, openSubmissions: 0 });
  expect(out.ids()).toEqual([1, 2, 3]);
  expect(collector.bytesInFlight).toBe(0);
});

test('what is still on its way to a batch when the stop begins is delivered, through every stage', async () => {
  const chain = `
receivers: { test/in: }
processors: { batch/a: { timeout: 1h, send_batch_size: 1000 }, batch/b: { timeout: 1h, send_batch_size: 1000 } }
exporters: { test/out: ${QUEUE} }
service:
  pipelines: { logs: { receivers: [test/in], processors: [batch/a, batch/b], exporters: [test/out] } }
`;
  const collector = await collectorOf(chain, { plugins });
  const sent = Promise.all([1, 2, 3, 4].map((id) => collector.in().push('logs', [id])));
  const report = await collector.shutdown();
  await sent;
  expect(report).toEqual({ leftItems: 0, keptItems: 0, openSubmissions: 0 });
  expect(
    collector
      .out()
      .ids()
      .toSorted((a, b) => a - b),
  ).toEqual([1, 2, 3, 4]);
  expect(collector.bytesInFlight).toBe(0);
});

test('a sender whose data is under way gets its answer while the collector stops', async () => {
  const collector = await collectorOf(config(''), { plugins });
  const out = collector.out();
  out.stall();
  const sent = collector.in().push('logs', [1]);
  await out.until(({ open }) => open === 1);
  const ending = collector.shutdown();
  out.resume();
  await expect(sent).resolves.toEqual({ items: 1 });
  await ending;
});

test('who comes while the collector stops is told to come again', async () => {
  const collector = await collectorOf(config(''), { plugins });
  const ending = collector.shutdown();
  await expect(collector.in().push('logs', [1])).rejects.toMatchObject({ code: 'SHUTTING_DOWN', retryable: true });
  expect(() => collector.in().knock('logs', 10)).toThrow('shutting down');
  await ending;
  expect(collector.bytesInFlight).toBe(0);
});

test('a stuck destination ends the shutdown in time, and the report says what was left', async () => {
  const clock = new ManualClock();
  const collector = await collectorOf(config(QUEUE), { plugins, clock });
  const out = collector.out();
  out.stall();
  const sent = Promise.all([[1, 2], [3], [4]].map((ids) => collector.in().push('logs', ids)));
  await out.until(({ open }) => open === 1);
  await sent;
  const ending = collector.shutdown();
  await clock.advance(10_000);
  await expect(ending).resolves.toEqual({ leftItems: 4, keptItems: 0, openSubmissions: 0 });
  expect(clock.monotonic()).toBe(10_000);
  expect(collector.bytesInFlight).toBe(0);
});

test('a destination that is deaf even to the abort cannot hold the shutdown up, and its sender gets an answer', async () => {
  const clock = new ManualClock();
  const collector = await collectorOf(config(''), { plugins, clock });
  const out = collector.out();
  out.otherwise = () => new Promise(() => undefined);
  const sent = Promise.allSettled([collector.in().push('logs', [1])]);
  await out.until(({ open }) => open === 1);
  const ending = collector.shutdown();
  await clock.advance(10_000);
  await ending;
  expect(await sent).toMatchObject([{ status: 'rejected', reason: { retryable: true } }]);
});

test('what was left is reported even when the exporter itself does not stop', async () => {
  const clock = new ManualClock();
  const collector = await collectorOf(config(QUEUE), { plugins, clock });
  const out = collector.out();
  out.stall();
  out.stop = () => new Promise(() => undefined);
  await collector.in().push('logs', [1, 2]);
  await out.until(({ open }) => open === 1);
  const ending = collector.shutdown();
  await clock.advance(10_000);
  await expect(ending).resolves.toEqual({ leftItems: 2, keptItems: 0, openSubmissions: 0 });
});
