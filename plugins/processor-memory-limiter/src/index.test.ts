import { collectorOf, describeConformance } from '@millrace/testkit';
import { expect, test } from 'vitest';

const PLUGIN = new URL('./index.ts', import.meta.url);

describeConformance(PLUGIN);

const config = (limiter: string) => `
receivers: { test/in: }
processors: { memory_limiter: ${limiter} }
exporters: { test/out: }
service: { pipelines: { logs: { receivers: [test/in], processors: [memory_limiter], exporters: [test/out] } } }
`;

test('in a pipeline it refuses a body before it is read', async () => {
  await using collector = await collectorOf(config('{ check_interval: 1h, limit_mib: 2000 }'), { plugins: [PLUGIN] });
  await collector.in().push('logs', [1]);
  expect(() => collector.in().knock('logs', 3_000 * 1024 * 1024)).toThrow('memory limit reached');
  expect(collector.out().ids()).toEqual([1]);
});

test.each([
  ['{ limit_mib: 100 }', 'check_interval'],
  ['{ check_interval: 1s }', 'has no limit'],
  ['{ check_interval: 1s, limit_mib: 100, spike_limit_mib: 100 }', 'spike_limit_mib'],
  ['{ check_interval: 1s, limit_percentage: 20, spike_limit_percentage: 30 }', 'spike_limit_percentage'],
])('%s is refused at the start, as the Collector does', async (limiter, where) => {
  await expect(collectorOf(config(limiter), { plugins: [PLUGIN] })).rejects.toThrow(where);
});
