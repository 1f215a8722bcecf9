import { defineProcessor, type Definition, retryable, Type } from '@millrace/api';
import { collectorOf, ManualClock, refusePermanently } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { builtIn, STEPS } from '../testing/steps.ts';

const YAML = `
receivers: { test/in: }
processors: { batch: { send_batch_size: 4, timeout: 1h }, only_even: }
exporters: { test/out: , test/queued: { sending_queue: { queue_size: 7, num_consumers: 1 }, retry_on_failure: { enabled: false } } }
service:
  pipelines:
    logs: { receivers: [test/in], processors: [only_even, batch], exporters: [test/out] }
    traces: { receivers: [test/in], exporters: [test/queued] }
    metrics: { receivers: [test/in], exporters: [test/queued] }
`;

/** A gate that a test opens and closes. */
const turnstile = (gate: { isOpen: boolean }) =>
  defineProcessor({
    type: 'turnstile',
    summary: 'Lets pass while it is open.',
    stability: 'development',
    config: Type.Object({}),
    examples: [],
    gate: {
      signals: ['logs'],
      create: () => ({
        admit() {
          if (!gate.isOpen) throw retryable('closed', { code: 'CLOSED' });
        },
      }),
    },
  }) as Definition;

/** Samples by name and labels, without those that describe the library. */
async function scrape(collector: { metrics(): Promise<ReadonlyMap<string, number>> }): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const [key, value] of await collector.metrics()) {
    const [, name = '', labels = ''] = /^([\w:]+)(?:\{(.*)\})?$/.exec(key) ?? [];
    const own = labels.split(',').filter((label) => label !== '' && !label.startsWith('otel_scope_'));
    found.set(own.length === 0 ? name : `${name}{${own.toSorted().join(',')}}`, value);
  }
  return found;
}

test('receivers, processors and exporters are counted with the names and labels of the Collector', async () => {
  await using collector = await collectorOf(YAML, { plugins: [STEPS, builtIn('processor-batch')], metrics: true });
  await collector.in().push('logs', [1, 2, 3, 4, 5, 6, 8]);
  await collector.in().push('traces', [1, 2, 3]);
  await collector.out('test/queued').received(3);
  collector.out('test/queued').otherwise = refusePermanently;
  await collector.in().push('metrics', [1, 2]);
  await collector.out('test/queued').until(({ calls, open }) => calls === 2 && open === 0);
  collector.out('test/out').otherwise = refusePermanently;
  await expect(collector.in().push('logs', [2, 4, 6, 8])).rejects.toMatchObject({ retryable: false });
  await expect(collector.in().send('logs', Uint8Array.of(0x0a))).rejects.toMatchObject({ retryable: false });
  const metrics = await scrape(collector);
  const from = 'receiver="test/in",transport="test"';
  const logs = 'otel_signal="logs",pipeline="logs"';
  expect(Object.fromEntries(metrics)).toMatchObject({
    [`otelcol_receiver_accepted_log_records{${from}}`]: 7,
    [`otelcol_receiver_accepted_spans{${from}}`]: 3,
    [`otelcol_receiver_accepted_metric_points{${from}}`]: 2,
    [`otelcol_receiver_refused_log_records{${from}}`]: 4,
    'otelcol_receiver_refused_requests{receiver="test/in"}': 1,
    [`otelcol_processor_incoming_items{${logs},processor="only_even"}`]: 11,
    [`otelcol_processor_outgoing_items{${logs},processor="only_even"}`]: 8,
    [`otelcol_processor_incoming_items{${logs},processor="batch"}`]: 8,
    [`otelcol_processor_outgoing_items{${logs},processor="batch"}`]: 8,
    'otelcol_exporter_sent_log_records{exporter="test/out"}': 4,
    'otelcol_exporter_send_failed_log_records{exporter="test/out"}': 4,
    'otelcol_exporter_sent_spans{exporter="test/queued"}': 3,
    'otelcol_exporter_send_failed_metric_points{exporter="test/queued"}': 2,
    'otelcol_exporter_queue_size{data_type="traces",exporter="test/queued"}': 0,
    'otelcol_exporter_queue_capacity{data_type="traces",exporter="test/queued"}': 7,
    'otelcol_processor_batch_batch_size_trigger_send{processor="batch"}': 2,
  });
});

test('the process and what is ours are measured, and no name ends in _total', async () => {
  await using collector = await collectorOf(YAML, { plugins: [STEPS, builtIn('processor-batch')], metrics: true });
  await collector.in().push('traces', [1]);
  const names = new Set([...(await scrape(collector)).keys()].map((key) => key.split('{')[0]));
  for (const name of [
    'otelcol_process_uptime',
    'otelcol_process_memory_rss',
    'otelcol_process_cpu_seconds',
    'millrace_bytes_in_flight',
    'millrace_bytes_in_flight_max',
    'millrace_pool_utilisation',
    'millrace_event_loop_delay_p99',
    'millrace_grind_duration_bucket',
    'millrace_grind_duration_count',
  ]) {
    expect(names).toContain(name);
  }
  expect([...names].filter((name) => name?.endsWith('_total'))).toEqual([]);
});

test('a full queue refuses, and is counted as such', async () => {
  const clock = new ManualClock();
  const collector = await collectorOf(YAML, { plugins: [STEPS, builtIn('processor-batch')], metrics: true, clock });
  collector.out('test/queued').stall();
  const refused: unknown[] = [];
  for (let id = 0; id < 9; id++) {
    await collector
      .in()
      .push('traces', [id])
      .catch((error: unknown) => refused.push(error));
  }
  const metrics = await scrape(collector);
  expect(refused).toMatchObject([
    { code: 'QUEUE_FULL', retryable: true },
    { code: 'QUEUE_FULL', retryable: true },
  ]);
  expect(metrics.get('otelcol_exporter_enqueue_failed_spans{exporter="test/queued"}')).toBe(refused.length);
  collector.out('test/queued').resume();
  await collector.shutdown();
});

test('items that wait behind a full queue are counted once, however often it is asked', async () => {
  const clock = new ManualClock();
  const yaml = `
receivers: { test/in: }
processors: { batch: { send_batch_size: 1 } }
exporters: { test/out: { sending_queue: { queue_size: 1, num_consumers: 1 } } }
service: { pipelines: { logs: { receivers: [test/in], processors: [batch], exporters: [test/out] } } }
`;
  await using collector = await collectorOf(yaml, { plugins: [builtIn('processor-batch')], metrics: true, clock });
  const out = collector.out();
  out.stall();
  await collector.in().push('logs', [1]);
  await out.until(({ open }) => open === 1);
  await collector.in().push('logs', [2, 3]);
  await clock.advance(10_000);
  const during = await scrape(collector);
  const batch = '{otel_signal="logs",pipeline="logs",processor="batch"}';
  expect(during.get('otelcol_exporter_enqueue_failed_log_records{exporter="test/out"}') ?? 0).toBe(0);
  expect(during.get(`otelcol_processor_incoming_items${batch}`)).toBe(3);
  expect(during.get(`otelcol_processor_outgoing_items${batch}`)).toBe(1);
  out.resume();
  await clock.advance(10_000);
  await out.received(3);
  const after = await scrape(collector);
  expect(after.get('otelcol_exporter_enqueue_failed_log_records{exporter="test/out"}') ?? 0).toBe(0);
  expect(after.get(`otelcol_processor_outgoing_items${batch}`)).toBe(3);
});

test('gates count what they let through, and the requests that they refuse', async () => {
  const gate = { isOpen: true };
  await using collector = await collectorOf(
    `
receivers: { test/in: }
processors: { turnstile: }
exporters: { test/out: }
service: { pipelines: { logs: { receivers: [test/in], processors: [turnstile], exporters: [test/out] } } }
`,
    { plugins: [turnstile(gate)], metrics: true },
  );
  await collector.in().push('logs', [1, 2, 3]);
  gate.isOpen = false;
  await expect(collector.in().push('logs', [4, 5])).rejects.toMatchObject({ code: 'CLOSED' });
  expect(Object.fromEntries(await scrape(collector))).toMatchObject({
    'otelcol_processor_incoming_items{otel_signal="logs",processor="turnstile"}': 3,
    'otelcol_processor_outgoing_items{otel_signal="logs",processor="turnstile"}': 3,
    'otelcol_processor_accepted_log_records{processor="turnstile"}': 3,
    'otelcol_processor_refused_requests{processor="turnstile"}': 1,
    'otelcol_receiver_refused_requests{receiver="test/in"}': 1,
  });
});

test('what goes into and comes out of connectors is counted, also where they are steps of a worker', async () => {
  const yaml = `
receivers: { test/in: }
connectors: { count: , forward: }
exporters: { test/out: }
service:
  pipelines:
    logs/in: { receivers: [test/in], exporters: [count, forward] }
    logs/a: { receivers: [forward], exporters: [test/out] }
    logs/b: { receivers: [forward], exporters: [test/out] }
    metrics: { receivers: [count], exporters: [test/out] }
`;
  const plugins = [builtIn('connector-count'), builtIn('connector-forward')];
  await using collector = await collectorOf(yaml, { plugins, metrics: true });
  await collector.in().push('logs', [1, 2, 3]);
  await collector.in().push('logs', [4, 5]);
  const connectors = [...(await scrape(collector))].filter(([name]) => name.startsWith('otelcol_connector_'));
  const count = 'connector="count",otel_signal="logs",otel_signal_output="metrics"';
  const forward = 'connector="forward",otel_signal="logs",otel_signal_output="logs"';
  expect(Object.fromEntries(connectors)).toEqual({
    [`otelcol_connector_consumed_items{${count}}`]: 5,
    [`otelcol_connector_produced_items{${count},pipeline="metrics"}`]: 2,
    [`otelcol_connector_consumed_items{${forward}}`]: 5,
    [`otelcol_connector_produced_items{${forward},pipeline="logs/a"}`]: 5,
    [`otelcol_connector_produced_items{${forward},pipeline="logs/b"}`]: 5,
  });
});
