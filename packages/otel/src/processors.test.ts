import { ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import { permanent, retryable } from '@millrace/api';
import { LogsBatch, TracesBatch } from '@millrace/otlp';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { BatchOptions } from './batch-queue.ts';
import { MillraceLogRecordProcessor } from './log-record-processor.ts';
import { MillraceSpanProcessor } from './span-processor.ts';
import { FakeIntake } from './testing/fake-intake.ts';
import { recordedDiagnostics } from './testing/recorded-diagnostics.ts';

const told = recordedDiagnostics();

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A tracer of the real SDK, the processor behind it, and what that hands its spans to. */
function spans(options: BatchOptions = {}) {
  const intake = new FakeIntake();
  const processor = new MillraceSpanProcessor({ receiver: intake, ...options });
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  const end = (...names: string[]) => {
    for (const name of names) provider.getTracer('t').startSpan(name).end();
  };
  const names = () => intake.requests.map((each) => Array.from(TracesBatch.of([each]).spans, (span) => span.name));
  return { intake, processor, provider, end, names };
}

test('a full batch goes at once, the rest after the delay', async () => {
  const { end, names } = spans({ maxExportBatchSize: 2, scheduledDelayMillis: 700 });
  end('a', 'b', 'c');
  await vi.advanceTimersByTimeAsync(0);
  expect(names()).toEqual([['a', 'b']]);
  await vi.advanceTimersByTimeAsync(699);
  expect(names()).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(names()).toEqual([['a', 'b'], ['c']]);
});

test('what is not sampled is not handed over', async () => {
  const { processor, provider, intake } = spans();
  const span = provider.getTracer('t').startSpan(
    'x',
    {},
    trace.setSpanContext(ROOT_CONTEXT, {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: TraceFlags.NONE,
    }),
  );
  span.end();
  await processor.forceFlush();
  expect(intake.requests).toEqual([]);
});

test('forceFlush resolves when everything is acknowledged, what was on its way before included, and not earlier', async () => {
  const { intake, end, names, processor } = spans({ maxExportBatchSize: 2 });
  const answers: PromiseWithResolvers<void>[] = [];
  intake.answer = () => {
    const answer = Promise.withResolvers<void>();
    answers.push(answer);
    return answer.promise;
  };
  end('a', 'b');
  await vi.advanceTimersByTimeAsync(0);
  end('c');
  let isFlushed = false;
  const flushed = processor.forceFlush().then(() => (isFlushed = true));
  await vi.advanceTimersByTimeAsync(0);
  expect(names()).toEqual([['a', 'b'], ['c']]);
  answers[1]?.resolve();
  await vi.advanceTimersByTimeAsync(10);
  expect(isFlushed).toBe(false);
  answers[0]?.resolve();
  await flushed;
});

test('a refusal for the moment is tried again, not before the time that it names', async () => {
  const { intake, end, processor } = spans();
  intake.answer = () => Promise.reject(retryable('busy', { retryAfterMs: 2_000 }));
  end('a');
  const flushed = processor.forceFlush();
  await vi.advanceTimersByTimeAsync(1_999);
  expect(intake.requests).toHaveLength(1);
  intake.answer = () => Promise.resolve();
  await vi.advanceTimersByTimeAsync(1);
  await flushed;
  expect(intake.requests).toHaveLength(2);
  expect(intake.requests[1]).toEqual(intake.requests[0]);
  expect([processor.droppedCount, told.errors, told.warnings]).toEqual([0, [], []]);
});

test('a refusal for good is counted and told, and forceFlush rejects with it', async () => {
  const { intake, end, processor } = spans();
  const refusal = permanent('no pipeline takes traces');
  intake.answer = () => Promise.reject(refusal);
  end('a', 'b');
  await expect(processor.forceFlush()).rejects.toBe(refusal);
  expect(intake.requests).toHaveLength(1);
  expect(processor.droppedCount).toBe(2);
  expect(told.errors).toEqual(['MillraceSpanProcessor: 2 of 2 spans are lost: no pipeline takes traces']);
});

test('of a request that was taken in part, only the rest counts as lost', async () => {
  const { intake, end, processor } = spans();
  intake.answer = () => Promise.reject(permanent('one is bad', { failedItems: 1 }));
  end('a', 'b', 'c');
  await expect(processor.forceFlush()).rejects.toThrow('one is bad');
  expect(processor.droppedCount).toBe(1);
  expect(told.errors).toEqual(['MillraceSpanProcessor: 1 of 3 spans are lost: one is bad']);
});

test.each([
  ['does not answer', () => new Promise(() => undefined), 'the collector did not answer within 3000 ms'],
  ['keeps refusing', () => Promise.reject(retryable('still busy')), 'still busy'],
])('a collector that %s is given up after the time limit, and there is room again', async (_case, answer, reason) => {
  const { intake, end, processor } = spans({ exportTimeoutMillis: 3_000, maxQueueSize: 1, maxExportBatchSize: 1 });
  intake.answer = answer;
  end('a');
  const failure = processor.forceFlush().catch((error: Error) => error.message);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await failure).toBe(reason);
  expect(told.errors).toEqual([`MillraceSpanProcessor: 1 of 1 spans are lost: ${reason}`]);
  intake.answer = () => Promise.resolve();
  end('b');
  await processor.forceFlush();
  expect(processor.droppedCount).toBe(1);
});

test('no more than maxQueueSize are held, those on their way included; the rest is dropped, counted and told once', async () => {
  const { intake, end, names, processor } = spans({ maxQueueSize: 3, maxExportBatchSize: 2 });
  const answer = Promise.withResolvers<void>();
  intake.answer = () => answer.promise;
  end('a', 'b', 'c', 'd', 'e', 'f');
  expect(processor.droppedCount).toBe(3);
  expect(told.warnings).toEqual([
    'MillraceSpanProcessor: its queue of 3 is full, spans are dropped until there is room again',
  ]);
  answer.resolve();
  await vi.advanceTimersByTimeAsync(0);
  end('g');
  await processor.forceFlush();
  expect(names()).toEqual([
    ['a', 'b'],
    ['c', 'g'],
  ]);
  expect(told.warnings.slice(1)).toEqual(['MillraceSpanProcessor: dropped 3 spans, its queue was full']);
});

test('shutdown hands over what is left, and takes nothing afterwards', async () => {
  const { end, names, provider, processor } = spans();
  end('a');
  await provider.shutdown();
  end('b');
  await processor.forceFlush();
  await processor.shutdown();
  expect(names()).toEqual([['a']]);
});

test('the idle timer does not keep the process alive', () => {
  vi.useRealTimers();
  const before = process.getActiveResourcesInfo().length;
  spans().end('a');
  expect(process.getActiveResourcesInfo()).toHaveLength(before);
});

test('a batch that cannot be is refused at once', () => {
  const make = () => new MillraceSpanProcessor({ receiver: new FakeIntake(), maxQueueSize: 2, maxExportBatchSize: 3 });
  expect(make).toThrow('maxExportBatchSize is 3: it must be 1 to maxQueueSize (2)');
});

test('log records wait for the resource to be complete, and go with it', async () => {
  const intake = new FakeIntake();
  const processor = new MillraceLogRecordProcessor({ receiver: intake });
  const resource = resourceWithLateAttribute();
  const provider = new LoggerProvider({ processors: [processor], resource: resource.resource });
  provider.getLogger('app', '2').emit({ body: 'hello', attributes: { n: 1 } });
  const flushed = processor.forceFlush();
  await vi.advanceTimersByTimeAsync(0);
  expect(intake.requests).toEqual([]);
  resource.found('h1');
  await flushed;
  const [record] = LogsBatch.of(intake.requests).records;
  expect([record?.body, record?.scope.name, record?.attributes.get('n')]).toEqual(['hello', 'app', 1]);
  expect(record?.resource.attributes.get('host.name')).toBe('h1');
});

function resourceWithLateAttribute() {
  const name = Promise.withResolvers<string>();
  return { found: name.resolve, resource: resourceFromAttributes({ 'host.name': name.promise }) };
}
