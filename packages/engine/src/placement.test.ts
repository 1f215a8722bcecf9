import { collectorOf, samplesOf } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { builtIn, STEPS } from './testing/steps.ts';

const YAML = `
receivers: { test/in: }
processors: { mark: , only_even: , batch: { send_batch_size: 0, timeout: 0 } }
connectors: { forward: }
exporters: { test/out: , test/out2: , test/queued: { sending_queue: { num_consumers: 1, batch: { flush_timeout: 1ms, min_size: 0 } } } }
service:
  pipelines:
    logs: { receivers: [test/in], processors: [mark, batch, only_even], exporters: [forward, test/out] }
    logs/after: { receivers: [forward], exporters: [test/out2, test/queued] }
    traces: { receivers: [test/in], processors: [mark], exporters: [test/out2] }
    metrics: { receivers: [test/in], exporters: [test/queued] }
    profiles: { receivers: [test/in], exporters: [test/out2] }
`;

/** Everything that comes out, by exporter. */
async function outputs(threads: number) {
  const plugins = [STEPS, builtIn('connector-forward'), builtIn('processor-batch')];
  const collector = await collectorOf(YAML, { plugins, threads });
  for (const signal of ['logs', 'traces', 'metrics', 'profiles'] as const) {
    for (const { bytes } of samplesOf(signal)) await collector.in().send(signal, bytes);
  }
  await collector.shutdown();
  expect(collector.bytesInFlight).toBe(0);
  const ids = ['test/out', 'test/out2', 'test/queued'];
  return ids.map((id) => collector.out(id).accepted.map(({ signal, bytes, items }) => ({ signal, bytes, items })));
}

test('what comes out is the same, byte for byte, inline and with one and two workers', async () => {
  const inline = await outputs(0);
  expect(inline.flat().length).toBeGreaterThan(12);
  expect(await outputs(1)).toEqual(inline);
  expect(await outputs(2)).toEqual(inline);
});
