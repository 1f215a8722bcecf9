import { retryable } from '@millrace/api';
import { collectorOf, FakeConnectorHost } from '@millrace/testkit';
import { expect, test } from 'vitest';
import definition from './index.ts';
import { span, traces } from './testing/rig.ts';

const PLUGIN = new URL('./index.ts', import.meta.url);

/** Settings as the collector decodes them. */
async function decoded(settings: string): Promise<never> {
  const yaml = `
receivers: { test/in: }
connectors: { spanmetrics: ${settings} }
exporters: { test/out: }
service:
  pipelines:
    traces: { receivers: [test/in], exporters: [spanmetrics] }
    metrics: { receivers: [spanmetrics], exporters: [test/out] }
`;
  const { collector } = await collectorOf(yaml, { plugins: [PLUGIN], start: false });
  return collector.config.connectors.get('spanmetrics')?.config as never;
}

test.each(['CUMULATIVE', 'DELTA'])('what there is no memory for leaves later, whole: %s', async (temporality) => {
  const host = new FakeConnectorHost({ from: 'traces', to: 'metrics' });
  const config = await decoded(`{ aggregation_temporality: AGGREGATION_TEMPORALITY_${temporality} }`);
  let room = 0;
  const limited = Object.assign(Object.create(host) as FakeConnectorHost, {
    makeBatch(chunks: readonly Uint8Array[]) {
      if (room-- > 0) return host.makeBatch(chunks);
      throw retryable('no memory', { code: 'MEMORY_BUDGET' });
    },
  });
  const connector = definition.stateful!.create(config, limited);
  await connector.start?.();
  await connector.consume(host.batchOf([traces([span({}), span({})])]));
  await host.manualClock.advance(60_000);
  expect(host.produced).toEqual([]);
  expect(connector.heldItems).toBe(2);
  const ending = connector.shutdown();
  await host.manualClock.advance(1_000);
  expect(host.produced).toEqual([]);
  room = 10;
  await host.manualClock.advance(1_000);
  await ending;
  expect(connector.heldItems).toBe(0);
  expect(host.produced).toHaveLength(1);
  const text = Buffer.from(host.produced[0].chunks[0]).toString('latin1');
  // as_int, field 6: both spans.
  expect(text).toContain('\x31\x02\0\0\0\0\0\0\0');
  expect(host.ledger.leaks).toEqual([]);
});

test('many series leave in several requests', async () => {
  const host = new FakeConnectorHost({ from: 'traces', to: 'metrics' });
  const connector = definition.stateful!.create(await decoded('{}'), host);
  for (let service = 0; service < 20; service++) {
    const spans = Array.from({ length: 200 }, (_, index) => span({ name: `operation ${index} ${'x'.repeat(200)}` }));
    await connector.consume(host.batchOf([traces(spans, { resource: { 'service.name': `s${service}` } })]));
  }
  await connector.shutdown();
  expect(host.produced.length).toBeGreaterThan(2);
  const sizes = host.produced.map(({ chunks }) => chunks[0].length);
  expect(Math.max(...sizes)).toBeLessThan(1_500_000);
});
