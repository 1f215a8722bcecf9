import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import type { LoadClient, LoadOutcome } from './load-client.ts';
import { LoadRun, type LoadRunSettings } from './load-run.ts';
import { Schedule, type ScheduleSettings } from './schedule.ts';

const BODY = new Uint8Array(10);
const requests = { request: (_number: number, items: number) => ({ body: BODY, bytes: BODY.length, items }) };
const ACKNOWLEDGED: LoadOutcome = { kind: 'acknowledged', rejected: 0 };
const refusedBy = (retryable: boolean): LoadOutcome => ({ kind: 'refused', retryable, retryAfterMs: 0, reason: 'no' });

/** A server that takes a millisecond for each request, but for a pause in which it answers nothing. */
class StallingClient implements LoadClient {
  readonly #clock: ManualClock;
  readonly #stall: { readonly fromMs: number; readonly toMs: number };
  sent = 0;

  constructor(clock: ManualClock, stall = { fromMs: 0, toMs: 0 }) {
    this.#clock = clock;
    this.#stall = stall;
  }

  send(): Promise<LoadOutcome> {
    this.sent += 1;
    const nowMs = this.#clock.monotonic();
    const { fromMs, toMs } = this.#stall;
    const waitMs = nowMs >= fromMs && nowMs < toMs ? toMs - nowMs : 1;
    return new Promise((resolve) => void this.#clock.after(waitMs, () => resolve(ACKNOWLEDGED)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Answers with each outcome once, then with the last. */
function answering(...outcomes: LoadOutcome[]): LoadClient {
  const send = () => Promise.resolve(outcomes.length > 1 ? (outcomes.shift() as LoadOutcome) : outcomes[0]);
  return { send, close: () => Promise.resolve() };
}

function runOf(
  clock: ManualClock,
  schedule: Partial<ScheduleSettings>,
  settings: Partial<LoadRunSettings> & Pick<LoadRunSettings, 'clients'>,
): LoadRun {
  return new LoadRun({
    schedule: new Schedule({ rate: 100, batch: 1, total: Infinity, durationMs: Infinity, ...schedule }),
    requests,
    clock,
    retries: false,
    graceMs: 5_000,
    interrupted: new AbortController().signal,
    ...settings,
  });
}

async function finished(run: LoadRun, clock: ManualClock): Promise<LoadRun> {
  const done = run.run();
  await clock.advance(60_000);
  await done;
  return run;
}

test('a stalled server delays every request that was due meanwhile, and all of the delays are counted', async () => {
  const clock = new ManualClock();
  // Due every 10 ms for two seconds; from 0.5 s on the server answers nothing for a second.
  const client = new StallingClient(clock, { fromMs: 500, toMs: 1_500 });
  const run = await finished(runOf(clock, { durationMs: 2_000 }, { clients: [client] }), clock);
  expect(run.counts).toMatchObject({ requests: 200, acknowledged: 200, unsent: 0 });
  expect(run.latencies.maxMs).toBe(1_000);
  // One request met the stall; a closed loop would tell of that one. 100 were due in it, and waited 505 ms on average.
  expect(run.latencies.percentileMs(0.5)).toBeGreaterThan(1);
  expect(run.latencies.percentileMs(0.75)).toBeGreaterThan(500);
  expect(run.latencies.meanMs).toBeGreaterThan(250);
});

test('without a rate the same stall shows in one request alone', async () => {
  const clock = new ManualClock();
  const client = new StallingClient(clock, { fromMs: 500, toMs: 1_500 });
  const run = await finished(runOf(clock, { rate: Infinity, durationMs: 2_000 }, { clients: [client] }), clock);
  expect(run.counts.requests).toBe(1_001);
  expect(run.latencies.maxMs).toBe(1_000);
  expect(run.latencies.percentileMs(0.99)).toBeLessThan(1.01);
});

test('requests keep to their times while there are connections', async () => {
  const clock = new ManualClock();
  const clients = [new StallingClient(clock), new StallingClient(clock)];
  const run = await finished(runOf(clock, { total: 50 }, { clients }), clock);
  expect(run.latencies.maxMs).toBe(1);
  expect(run.elapsedMs).toBe(491);
  // They take turns: no connection is left idle for long.
  expect(clients.map(({ sent }) => sent)).toEqual([25, 25]);
});

test('what a server that never wakes made wait is given up after the grace, and counted', async () => {
  const clock = new ManualClock();
  const client = new StallingClient(clock, { fromMs: 500, toMs: 30_000 });
  const run = await finished(runOf(clock, { durationMs: 1_000 }, { clients: [client] }), clock);
  expect(run.counts).toMatchObject({ requests: 51, acknowledged: 51, unsent: 49 });
});

test('refusals, failures and partial successes are told apart, with their reasons', async () => {
  const clock = new ManualClock();
  const client = answering(
    refusedBy(true),
    refusedBy(false),
    { kind: 'failed', reason: 'broken' },
    { kind: 'acknowledged', rejected: 3 },
    ACKNOWLEDGED,
  );
  const run = await finished(runOf(clock, { total: 50, batch: 10 }, { clients: [client] }), clock);
  expect(run.counts).toMatchObject({
    sent: 50,
    acknowledged: 17,
    refusedRetryable: 10,
    refusedPermanent: 13,
    failed: 10,
  });
  expect(run.reasons).toEqual(
    new Map([
      ['no', 2],
      ['broken', 1],
      ['the server rejected 3 items of a request', 1],
    ]),
  );
  // Nobody says which items of a partial success were taken.
  expect(run.acknowledgedItems.size).toBe(10);
  expect(run.acknowledgedItems.has(40)).toBe(true);
});

test('what is refused for now is sent again where that is wished, and counts once', async () => {
  const clock = new ManualClock();
  const client = answering(refusedBy(true), refusedBy(true), ACKNOWLEDGED);
  const run = await finished(runOf(clock, { total: 2 }, { clients: [client], retries: true }), clock);
  expect(run.counts).toMatchObject({ sent: 2, acknowledged: 2, refusedRetryable: 0, retries: 2 });
  expect(run.latencies.maxMs).toBe(20);
});

test('an interruption ends the schedule; what is under way gets its answer', async () => {
  const clock = new ManualClock();
  const abort = new AbortController();
  const settings = { clients: [new StallingClient(clock)], interrupted: abort.signal };
  const run = runOf(clock, {}, settings);
  clock.after(1_000.5, () => abort.abort());
  await finished(run, clock);
  expect(run.counts).toMatchObject({ requests: 101, acknowledged: 101, unsent: 0 });
});
