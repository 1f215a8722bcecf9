import { retryable } from '@millrace/api';
import { collectorOf, describeConformance, ManualClock, refuseForNow, refusePermanently } from '@millrace/testkit';
import { expect, test } from 'vitest';

const PLUGIN = new URL('./index.ts', import.meta.url);

describeConformance(PLUGIN, {
  receiving: {
    failover: ['traces/first', 'traces/second'],
    'failover/waiting': ['logs/first', 'logs/second'],
  },
});

const yaml = (levels: string, more = '') => `
receivers: { test/in: }
connectors: { failover: { priority_levels: ${levels}, retry_interval: 1m, sending_queue: { enabled: false }${more} } }
exporters: { test/1: , test/2: , test/3: }
service:
  pipelines:
    logs: { receivers: [test/in], exporters: [failover] }
    logs/1: { receivers: [failover], exporters: [test/1] }
    logs/2: { receivers: [failover], exporters: [test/2] }
    logs/3: { receivers: [failover], exporters: [test/3] }
`;

const three = yaml('[[logs/1], [logs/2], [logs/3]]');

test('a batch that a level refuses goes to the next one at once, whole; later batches start there', async () => {
  await using collector = await collectorOf(three, { plugins: [PLUGIN], metrics: true });
  await collector.in().push('logs', [1, 2]);
  collector.out('test/1').otherwise = refuseForNow;
  await collector.in().push('logs', [3, 4]);
  await collector.in().push('logs', [5]);
  expect(collector.out('test/1').ids()).toEqual([1, 2]);
  expect(collector.out('test/1').calls).toBe(2);
  expect(collector.out('test/2').ids()).toEqual([3, 4, 5]);
  expect(collector.collector.snapshot().components).toContainEqual(
    expect.objectContaining({ id: 'failover', status: 'recoverable_error', message: 'on priority level 2 of 3' }),
  );
  const failures = [...(await collector.metrics())].filter(([name]) => name.includes('failover_count'));
  expect(failures).toMatchObject([[expect.stringContaining('level="1"'), 1]]);
});

test('after the interval one batch is tried from the top: where it is taken the others follow', async () => {
  const clock = new ManualClock();
  await using collector = await collectorOf(three, { plugins: [PLUGIN], clock });
  collector.out('test/1').otherwise = refuseForNow;
  collector.out('test/2').otherwise = refusePermanently;
  await collector.in().push('logs', [1]);
  expect(collector.out('test/3').ids()).toEqual([1]);
  await clock.advance(59_999);
  await collector.in().push('logs', [2]);
  expect(collector.out('test/1').calls).toBe(1);
  await clock.advance(1);
  collector.out('test/2').resume();
  await Promise.all([collector.in().push('logs', [3]), collector.in().push('logs', [4])]);
  await collector.in().push('logs', [5]);
  expect(collector.out('test/1').calls).toBe(2);
  expect([...collector.out('test/2').ids(), ...collector.out('test/3').ids()].toSorted((a, b) => a - b)).toEqual([
    1, 2, 3, 4, 5,
  ]);
  expect(collector.out('test/2').ids()).toContain(5);
  collector.out('test/1').resume();
  await clock.advance(60_000);
  await collector.in().push('logs', [6]);
  await collector.in().push('logs', [7]);
  expect(collector.out('test/1').ids()).toEqual([6, 7]);
});

test('when no level takes a batch its sender is told; the next one begins at the top', async () => {
  await using collector = await collectorOf(three, { plugins: [PLUGIN] });
  const outs = ['test/1', 'test/2', 'test/3'].map((id) => collector.out(id));
  outs[0].script.push(refusePermanently);
  outs[1].script.push(() => Promise.reject(retryable('full', { retryAfterMs: 1_500 })));
  outs[2].script.push(refusePermanently);
  await expect(collector.in().push('logs', [1])).rejects.toMatchObject({
    code: 'LEVELS_EXHAUSTED',
    retryable: true,
    retryAfterMs: 1_500,
  });
  await collector.in().push('logs', [1]);
  expect(outs.map((out) => out.ids())).toEqual([[1], [], []]);
});

test('data that every level refuses for good is refused for good', async () => {
  await using collector = await collectorOf(three, { plugins: [PLUGIN] });
  for (const id of ['test/1', 'test/2', 'test/3']) collector.out(id).script.push(refusePermanently);
  await expect(collector.in().push('logs', [1])).rejects.toMatchObject({ code: 'LEVELS_EXHAUSTED', retryable: false });
});

test('all pipelines of a level get the data; when one fails, the level does', async () => {
  await using collector = await collectorOf(yaml('[[logs/1, logs/2], [logs/3]]'), { plugins: [PLUGIN] });
  await collector.in().push('logs', [1]);
  collector.out('test/2').otherwise = refuseForNow;
  await collector.in().push('logs', [2]);
  await collector.in().push('logs', [3]);
  expect(collector.out('test/1').ids()).toEqual([1, 2]);
  expect(collector.out('test/2').ids()).toEqual([1]);
  expect(collector.out('test/3').ids()).toEqual([2, 3]);
});

test('standard.retry_interval takes precedence over retry_interval', async () => {
  const clock = new ManualClock();
  const more = ', standard: { retry_interval: 5s }, retry_gap: 1s, max_retries: 3';
  await using collector = await collectorOf(yaml('[[logs/1], [logs/2]]', more), { plugins: [PLUGIN], clock });
  collector.out('test/1').script.push(refuseForNow);
  await collector.in().push('logs', [1]);
  await clock.advance(5_000);
  await collector.in().push('logs', [2]);
  expect(collector.out('test/1').ids()).toEqual([2]);
});

test('its queue answers at once, and offers what every level refused again from the top', async () => {
  const clock = new ManualClock();
  const queued = yaml('[[logs/1], [logs/2]]').replace('enabled: false', 'num_consumers: 1');
  await using collector = await collectorOf(queued, { plugins: [PLUGIN], clock });
  collector.out('test/1').script.push(refuseForNow, refuseForNow);
  collector.out('test/2').script.push(refuseForNow);
  await collector.in().push('logs', [1]);
  expect(collector.out('test/2').ids()).toEqual([]);
  for (let second = 0; second < 10; second++) await clock.advance(1_000);
  expect(collector.out('test/1').ids()).toEqual([]);
  expect(collector.out('test/2').ids()).toEqual([1]);
  expect(collector.bytesInFlight).toBe(0);
});

test.each(['storage: file_storage', 'batch: {}'])('a queue with %s is refused, with what to do', async (setting) => {
  const queued = yaml('[[logs/1], [logs/2]]').replace('enabled: false', setting);
  await expect(collectorOf(queued, { plugins: [PLUGIN] })).rejects.toThrow('keeps batches as they come');
});

test.each([
  ['[[logs/1], [logs/4]]', '', 'names "logs/4", which receives no logs from it'],
  ['[[logs/1], [logs]]', '', 'names "logs", which receives no logs from it'],
  ['[]', '', 'priority_levels'],
  ['[[logs/1]]', ', standard: { retry_interval: 0s }', 'must be positive'],
])('levels %s%s are refused', async (levels, more, message) => {
  await expect(collectorOf(yaml(levels, more), { plugins: [PLUGIN] })).rejects.toThrow(message);
});
