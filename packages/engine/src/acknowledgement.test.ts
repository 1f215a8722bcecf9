import { permanent, retryable } from '@millrace/api';
import {
  accept,
  collectorOf,
  ManualClock,
  refuseForNow,
  refusePermanently,
  type TestCollector,
} from '@millrace/testkit';
import { describe, expect, test } from 'vitest';
import { attributeOf, builtIn, STEPS } from './testing/steps.ts';

const plugins = [STEPS, builtIn('processor-batch')];

function pipeline(processors: string, exporters = '[test/out]', more = ''): string {
  return `
receivers: { test/in: }
processors: { batch: { send_batch_size: 4, timeout: 1s }, mark: , poisoned_by: { id: 2 }, stamp_sender: }
exporters:
  test/out:
  test/out2:
  test/memory: { guarantee: memory }
service:
  ${more}
  pipelines: { logs: { receivers: [test/in], processors: ${processors}, exporters: ${exporters} } }
`;
}

/** How each of several promises has been settled so far. */
function watch(...promises: Promise<unknown>[]): string[] {
  const states = promises.map(() => 'waiting');
  for (const [index, promise] of promises.entries()) {
    promise.then(
      () => (states[index] = 'accepted'),
      (error: unknown) => (states[index] = (error as { retryable: boolean }).retryable ? 'retryable' : 'permanent'),
    );
  }
  return states;
}

describe('behind a batch processor', () => {
  test('senders wait until the destination has their data', async () => {
    await using collector = await collectorOf(pipeline('[batch]'), { plugins });
    const out = collector.out();
    out.stall();
    const first = collector.in().push('logs', [1, 2]);
    const second = collector.in().push('logs', [3, 4]);
    const states = watch(first, second);
    await out.until(({ open }) => open === 1);
    expect(states).toEqual(['waiting', 'waiting']);
    out.resume();
    await Promise.all([first, second]);
    expect(out.accepted).toMatchObject([{ items: 4 }]);
  });

  test.each([
    ['for now', refuseForNow, 'retryable'],
    ['for good', refusePermanently, 'permanent'],
  ] as const)('a refusal %s reaches every sender of the batch', async (_name, act, outcome) => {
    await using collector = await collectorOf(pipeline('[batch]'), { plugins });
    collector.out().script.push(act);
    const sent = [collector.in().push('logs', [1, 2]), collector.in().push('logs', [3, 4])];
    const states = watch(...sent);
    await Promise.allSettled(sent);
    expect(states).toEqual([outcome, outcome]);
    await Promise.all([collector.in().push('logs', [1, 2]), collector.in().push('logs', [3, 4])]);
    expect(
      collector
        .out()
        .ids()
        .toSorted((one, other) => one - other),
    ).toEqual([1, 2, 3, 4]);
  });

  test('the timeout sends what is there, and shutdown sends it at once', async () => {
    const clock = new ManualClock();
    const collector = await collectorOf(pipeline('[batch]'), { plugins, clock });
    const first = collector.in().push('logs', [1]);
    await clock.advance(999);
    expect(collector.out().calls).toBe(0);
    await clock.advance(1);
    await first;
    const second = collector.in().push('logs', [2]);
    await clock.settle();
    await clock.settle();
    await clock.settle();
    await expect(collector.shutdown()).resolves.toEqual({ leftItems: 0, keptItems: 0, openSubmissions: 0 });
    await second;
    expect(collector.out().ids()).toEqual([1, 2]);
  });

  test('nobody waits for a destination that keeps its data in memory anyway', async () => {
    const clock = new ManualClock();
    const collector = await collectorOf(pipeline('[batch]', '[test/memory]'), { plugins, clock });
    await collector.in().push('logs', [1]);
    expect(collector.out('test/memory').calls).toBe(0);
    await collector.shutdown();
    expect(collector.out('test/memory').ids()).toEqual([1]);
  });
});

describe('when branches disagree', () => {
  const BOTH = pipeline('[]', '[test/out, test/out2]');

  async function answer(collector: TestCollector): Promise<string> {
    const sent = collector.in().push('logs', [1]);
    const [state] = [watch(sent)];
    await Promise.allSettled([sent]);
    return state[0];
  }

  test.each([
    [accept, accept, 'accepted'],
    [accept, refuseForNow, 'retryable'],
    [accept, refusePermanently, 'permanent'],
    [refusePermanently, refuseForNow, 'retryable'],
    [refuseForNow, refusePermanently, 'retryable'],
  ])('what can succeed later is sent again: case %#', async (first, second, outcome) => {
    await using collector = await collectorOf(BOTH, { plugins });
    collector.out('test/out').otherwise = first;
    collector.out('test/out2').otherwise = second;
    expect(await answer(collector)).toBe(outcome);
  });

  test('the error that counts reaches the sender with its code and its delay', async () => {
    await using collector = await collectorOf(BOTH, { plugins });
    collector.out('test/out').otherwise = () => Promise.reject(permanent('no', { code: 'NEVER' }));
    collector.out('test/out2').otherwise = () =>
      Promise.reject(retryable('later', { code: 'LATER', retryAfterMs: 1234 }));
    await expect(collector.in().push('logs', [1])).rejects.toMatchObject({ code: 'LATER', retryAfterMs: 1234 });
  });
});

describe('when a step fails', () => {
  test('the item that it fails on is refused, and the others are delivered and acknowledged', async () => {
    await using collector = await collectorOf(pipeline('[poisoned_by]'), { plugins });
    await expect(collector.in().push('logs', [1, 2, 3])).rejects.toMatchObject({ retryable: false, failedItems: 1 });
    expect(collector.out().ids()).toEqual([1, 3]);
  });

  test('senders whose data it did not fail on do not hear of it', async () => {
    await using collector = await collectorOf(pipeline('[poisoned_by]'), { plugins });
    const sent = [[1], [2], [3]].map((ids) => collector.in().push('logs', ids));
    const states = watch(...sent);
    await Promise.allSettled(sent);
    expect(states).toEqual(['accepted', 'permanent', 'accepted']);
    expect(collector.out().ids()).toEqual([1, 3]);
  });
});

test('data of different senders is kept apart where a step looks at the sender', async () => {
  await using collector = await collectorOf(pipeline('[stamp_sender]'), { plugins });
  const as = (tenant: string) => ({ metadata: { 'x-tenant': [tenant] } });
  await Promise.all([
    collector.in().push('logs', [1], as('a')),
    collector.in().push('logs', [2], as('b')),
    collector.in().push('logs', [3], as('a')),
  ]);
  const { accepted } = collector.out();
  expect(attributeOf(accepted, 'tenant').toSorted((one, other) => String(one).localeCompare(String(other)))).toEqual([
    'a',
    'a',
    'b',
  ]);
  expect(new Set(accepted.map(({ context }) => context?.metadata?.['x-tenant']?.[0]))).toEqual(new Set(['a', 'b']));
});

test('a destination that is full does not make a batch come twice to the others', async () => {
  const clock = new ManualClock();
  const queues = `
receivers: { test/in: }
processors: { batch: { timeout: 0 } }
exporters:
  test/out: { sending_queue: { queue_size: 1, num_consumers: 1 } }
  test/out2: { sending_queue: }
service:
  pipelines: { logs: { receivers: [test/in], processors: [batch], exporters: [test/out, test/out2] } }
`;
  const collector = await collectorOf(queues, { plugins, clock });
  const [full, free] = [collector.out('test/out'), collector.out('test/out2')];
  full.stall();
  await collector.in().push('logs', [1]);
  await full.until(({ open }) => open === 1);
  await collector.in().push('logs', [2]);
  for (let pause = 0; pause < 20; pause++) await clock.advance(1_000);
  expect(free.ids()).toEqual([1, 2]);
  full.resume();
  for (let pause = 0; pause < 5; pause++) await clock.advance(1_000);
  expect(full.ids()).toEqual([1, 2]);
  expect(free.ids()).toEqual([1, 2]);
  await collector.shutdown();
  expect(collector.bytesInFlight).toBe(0);
});
