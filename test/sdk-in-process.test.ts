/** The official SDK in the process of the collector: without a socket, everything that it records arrives as it is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  MillraceLogRecordExporter,
  MillraceLogRecordProcessor,
  MillraceMetricExporter,
  MillraceMetricReader,
  MillraceSpanExporter,
  MillraceSpanProcessor,
} from '@millrace/otel';
import { Collector, type CollectorConfig } from 'millrace';
import { expect, test } from 'vitest';
import { atEndOf } from './harness/cleanup.ts';
import { Destination } from './harness/destination.ts';
import { inOrder, itemsOfLines } from './harness/otlp-items.ts';
import { sendThrough } from './harness/sdk-sender.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

/** All signals from `in_process/app` to this exporter. */
function collectorTo(exporter: object, settings: object): CollectorConfig {
  const [id = ''] = Object.keys(exporter);
  const through = { receivers: ['in_process/app'], exporters: [id] };
  return {
    receivers: { 'in_process/app': null },
    exporters: { [id]: settings },
    service: { pipelines: { logs: through, traces: through, metrics: through } },
  };
}

async function start(id: string, settings: object): Promise<Collector> {
  const collector = await Collector.start({ config: collectorTo({ [id]: null }, settings), logger: 'silent' });
  atEndOf('test', async () => void (await collector.shutdown()));
  return collector;
}

test('every field of logs, spans and metrics of all kinds is in the file', async () => {
  const path = join(temporaryFolder(), 'out.jsonl');
  const collector = await start('file', { path });
  const receiver = collector.receiver('app');
  const sent = await sendThrough(
    {
      logs: new MillraceLogRecordExporter({ receiver }),
      traces: new MillraceSpanExporter({ receiver }),
      metrics: new MillraceMetricExporter({ receiver }),
    },
    'checkout in process',
  );
  await collector.shutdown();
  const all = [...sent.logs, ...sent.traces, ...sent.metrics];
  expect(all.length).toBeGreaterThan(60);
  expect(inOrder(itemsOfLines(readFileSync(path, 'utf8')))).toEqual(inOrder(all));
});

test('after forceFlush the destination has everything, without a wait for timers', async () => {
  const destination = await Destination.start();
  const collector = await start('otlphttp', {
    endpoint: destination.url,
    encoding: 'json',
    compression: 'none',
    sending_queue: { enabled: false },
  });
  const receiver = collector.receiver('app');
  const minute = 60_000;
  const tracing = new BasicTracerProvider({
    spanProcessors: [new MillraceSpanProcessor({ receiver, scheduledDelayMillis: minute })],
  });
  const logging = new LoggerProvider({
    processors: [new MillraceLogRecordProcessor({ receiver, scheduledDelayMillis: minute })],
  });
  const metering = new MeterProvider({
    readers: [new MillraceMetricReader({ receiver, exportIntervalMillis: minute })],
  });
  for (let index = 0; index < 700; index++) tracing.getTracer('t').startSpan(`span ${index}`).end();
  logging.getLogger('l').emit({ body: 'log' });
  metering.getMeter('m').createCounter('count').add(1);
  await Promise.all([tracing.forceFlush(), logging.forceFlush(), metering.forceFlush()]);
  expect(destination.items.entries).toHaveLength(702);
  await Promise.all([tracing.shutdown(), logging.shutdown(), metering.shutdown()]);
});
