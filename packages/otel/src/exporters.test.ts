import { permanent } from '@millrace/api';
import { LogsBatch, TracesBatch } from '@millrace/otlp';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { MillraceLogRecordExporter } from './log-record-exporter.ts';
import { MillraceSpanExporter } from './span-exporter.ts';
import { FakeIntake } from './testing/fake-intake.ts';
import { recordedDiagnostics } from './testing/recorded-diagnostics.ts';

const told = recordedDiagnostics();

test("behind the SDK's own batch processors, spans and records arrive, and nothing does after the shutdown", async () => {
  const intake = new FakeIntake();
  const spanExporter = new MillraceSpanExporter({ receiver: intake });
  const tracing = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(spanExporter)] });
  tracing.getTracer('t').startSpan('GET /').end();
  await tracing.forceFlush();
  expect(Array.from(TracesBatch.of(intake.requests.splice(0)).spans, (span) => span.name)).toEqual(['GET /']);

  const exporter = new MillraceLogRecordExporter({ receiver: intake });
  const logging = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter })] });
  logging.getLogger('l').emit({ body: 'x' });
  await logging.shutdown();
  expect(Array.from(LogsBatch.of(intake.requests.splice(0)).records, (record) => record.body)).toEqual(['x']);

  await tracing.shutdown();
  const result = await new Promise((resolve) => spanExporter.export([], resolve));
  expect(result).toMatchObject({ code: 1, error: { message: 'MillraceSpanExporter was shut down' } });
  expect(intake.requests).toEqual([]);
});

test('a refusal is told to the SDK and to the diagnostics', async () => {
  const intake = new FakeIntake();
  const refusal = permanent('bad');
  intake.answer = () => Promise.reject(refusal);
  const exporter = new MillraceSpanExporter({ receiver: intake });
  const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  provider.getTracer('t').startSpan('x').end();
  await expect(provider.forceFlush()).rejects.toBeDefined();
  expect(told.errors).toContain('MillraceSpanExporter: 1 of 1 spans are lost: bad');
  await provider.shutdown();
});

test('shutdown waits for what is on its way', async () => {
  const intake = new FakeIntake();
  const answer = Promise.withResolvers<void>();
  intake.answer = () => answer.promise;
  const exporter = new MillraceSpanExporter({ receiver: intake });
  const results: number[] = [];
  exporter.export([], ({ code }) => results.push(code));
  const stopped = exporter.shutdown().then(() => results.push(-1));
  answer.resolve();
  await stopped;
  expect(results).toEqual([0, -1]);
});
