import { defineProcessor, type Definition, retryable, Type } from '@millrace/api';
import { collectorOf, ManualClock, taggedRequest } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { builtIn, STEPS } from './testing/steps.ts';

const BUDGET_BYTES = 1024 * 1024;
const config = (processors = '[]') => `
receivers: { test/in: , test/in2: }
processors: { turnstile: }
exporters: { test/out: , test/out2: }
service:
  bytes_in_flight_max: ${BUDGET_BYTES}
  pipelines:
    logs: { receivers: [test/in], processors: ${processors}, exporters: [test/out] }
    traces: { receivers: [test/in], exporters: [test/out2] }
    logs/free: { receivers: [test/in2], exporters: [test/out2] }
`;

let closed = false;

/** A gate that a test closes. */
const turnstile = defineProcessor({
  type: 'turnstile',
  summary: 'Lets pass while it is open.',
  stability: 'development',
  config: Type.Object({}),
  examples: [],
  gate: {
    signals: ['logs'],
    create: () => ({
      admit() {
        if (closed) throw retryable('closed', { code: 'CLOSED', retryAfterMs: 5_000 });
      },
    }),
  },
}) as Definition;

test('a body that can never fit into the budget is refused for good, before it is read, with the name of the setting', async () => {
  await using collector = await collectorOf(config(), { plugins: [turnstile] });
  const forGood = { code: 'TOO_LARGE', retryable: false };
  for (const bytes of [BUDGET_BYTES + 1, BUDGET_BYTES - 1]) {
    expect(() => collector.in().knock('logs', bytes)).toThrow(expect.objectContaining(forGood));
  }
  expect(() => collector.in().knock('logs', BUDGET_BYTES)).toThrow('service.bytes_in_flight_max');
  expect(collector.bytesInFlight).toBe(0);
  collector.in().knock('logs', 1_000);
  // One whose length nobody announced.
  const chunks = Array.from({ length: 20 }, () => new Uint8Array(100_000));
  expect(() => collector.in().pour('logs', chunks)).toThrow(expect.objectContaining(forGood));
  expect(collector.bytesInFlight).toBe(0);
});

test('what does not fit because others are there is refused for now, also when it is large', async () => {
  await using collector = await collectorOf(config(), { plugins: [turnstile] });
  const out = collector.out();
  out.stall();
  const other = collector.in().push('logs', [1]);
  await out.until(({ open }) => open === 1);
  const refused = { code: 'MEMORY_BUDGET', retryable: true };
  expect(() => collector.in().knock('logs', BUDGET_BYTES - 1)).toThrow(expect.objectContaining(refused));
  // More than all of the budget stays too much.
  expect(() => collector.in().knock('logs', BUDGET_BYTES + 1)).toThrow(expect.objectContaining({ retryable: false }));
  out.resume();
  await other;
});

test('a request whose outputs can never fit into the budget is refused for good when nothing else is in its way', async () => {
  const names = Array.from({ length: 12 }, (_, at) => `logs/${at}`);
  const yaml = `
receivers: { test/in: }
processors: { mark: }
exporters: { test/out: }
service:
  bytes_in_flight_max: ${BUDGET_BYTES}
  pipelines:
${names.map((name) => `    ${name}: { receivers: [test/in], processors: [mark], exporters: [test/out] }`).join('\n')}
`;
  await using collector = await collectorOf(yaml, { plugins: [STEPS] });
  const answer = collector.in().send('logs', taggedRequest('logs', [1], { paddingBytes: 150_000 }));
  await expect(answer).rejects.toMatchObject({ code: 'TOO_LARGE', retryable: false });
  expect(collector.bytesInFlight).toBe(0);
  await collector.in().push('logs', [2]);
  expect(new Set(collector.out().ids())).toEqual(new Set([2]));
});

test('while the destination stalls, data is taken up to the budget and then refused for now', async () => {
  await using collector = await collectorOf(config(), { plugins: [turnstile] });
  const out = collector.out();
  out.stall();
  const accepted: Promise<unknown>[] = [];
  const request = taggedRequest('logs', [1], { paddingBytes: 100_000 });
  let refusal: unknown;
  for (let calls = 0; refusal === undefined && calls < 100; calls++) {
    const sent = collector.in().send('logs', request);
    const done = sent.then(
      () => 'accepted',
      (error: unknown) => error,
    );
    const state = await Promise.race([done, out.until((sink) => sink.open > accepted.length)]);
    if (state === undefined) accepted.push(sent);
    else refusal = state;
    expect(collector.bytesInFlight).toBeLessThanOrEqual(BUDGET_BYTES);
  }
  expect(refusal).toMatchObject({ code: 'MEMORY_BUDGET', retryable: true });
  expect(accepted.length).toBeGreaterThan(3);
  out.resume();
  await Promise.all(accepted);
  await collector.in().send('logs', request);
  expect(out.items).toBe(accepted.length + 1);
  expect(collector.bytesInFlight).toBe(0);
});

test('a gate refuses before a body is read, only for the receivers and signals whose pipeline it is in', async () => {
  await using collector = await collectorOf(config('[turnstile]'), { plugins: [turnstile] });
  await collector.in().push('logs', [1]);
  closed = true;
  await expect(collector.in().push('logs', [2])).rejects.toMatchObject({ code: 'CLOSED', retryAfterMs: 5_000 });
  expect(collector.bytesInFlight).toBe(0);
  await collector.in().push('traces', [3]);
  await collector.in('test/in2').push('logs', [4]);
  closed = false;
  await collector.in().push('logs', [5]);
  expect(collector.out().ids()).toEqual([1, 5]);
  expect(collector.out('test/out2').ids('logs')).toEqual([4]);
});

test('malformed data is refused for good, names the place, and does not touch what arrives beside it', async () => {
  await using collector = await collectorOf(config(), { plugins: [turnstile] });
  const broken = Uint8Array.of(0x0a, 0x7f, 0x01);
  const answers = await Promise.allSettled([
    collector.in().push('logs', [1]),
    collector.in().send('logs', broken),
    collector.in().push('logs', [2]),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect((answers[1] as PromiseRejectedResult).reason).toMatchObject({ retryable: false });
  expect(collector.out().ids()).toEqual([1, 2]);
});

test('a collector that is cut off with its budget full refuses whoever waits for now, and nobody was told otherwise', async () => {
  const clock = new ManualClock();
  const yaml = `
receivers: { test/in: }
processors: { batch: { timeout: 1s } }
exporters: { test/out: , test/held: { retry_on_failure: } }
service:
  bytes_in_flight_max: ${BUDGET_BYTES}
  shutdown_timeout: 10s
  pipelines:
    logs: { receivers: [test/in], processors: [batch], exporters: [test/out] }
    traces: { receivers: [test/in], exporters: [test/held] }
`;
  const collector = await collectorOf(yaml, { plugins: [builtIn('processor-batch')], clock });
  collector.out().stall();
  collector.out('test/held').stall();
  const answers: Promise<unknown>[] = [];
  const refused: unknown[] = [];
  for (let id = 0; refused.length === 0 && id < 100; id++) {
    const signal = id % 2 === 0 ? 'logs' : 'traces';
    const sent = collector.in().send(signal, taggedRequest(signal, [id], { paddingBytes: 100_000 }));
    answers.push(sent.catch((error: unknown) => error));
    sent.catch((error: unknown) => void refused.push(error));
    await clock.advance(1_500);
  }
  const ending = collector.shutdown();
  await clock.advance(11_000);
  const report = await ending;
  expect(answers.length).toBeGreaterThan(5);
  for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ retryable: true });
  expect(report.leftItems).toBe(0);
  expect([...collector.out().ids(), ...collector.out('test/held').ids('traces')]).toEqual([]);
});
