import { type DeliveryError, permanent, retryable, type StatefulProcessor } from '@millrace/api';
import { FakeStatefulHost } from '@millrace/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import definition from './index.ts';

const DEFAULTS = {
  send_batch_size: 8192,
  timeout: 200,
  send_batch_max_size: 0,
  metadata_keys: [] as string[],
  metadata_cardinality_limit: 1000,
};

let host: FakeStatefulHost;
let processor: StatefulProcessor;

function batcher(settings: Partial<typeof DEFAULTS>, guarantee: 'memory' | 'safe' = 'safe'): void {
  host = new FakeStatefulHost({ signal: 'logs', guarantee }, { id: 'batch' });
  processor = definition.stateful!.create({ ...DEFAULTS, ...settings }, host);
}

afterEach(async () => {
  await processor.shutdown();
  expect(host.ledger.faults).toEqual([]);
  expect(host.ledger.leaks).toEqual([]);
  expect(host.manualClock.pending).toBe(0);
});

/** Gives it a batch, and notes the answer. */
function give(...ids: number[]) {
  const given: { state: 'waiting' | 'accepted' | DeliveryError } = { state: 'waiting' };
  processor.consume(host.batch(ids)).then(
    () => (given.state = 'accepted'),
    (error: unknown) => (given.state = error as DeliveryError),
  );
  return given;
}

const passed = () => host.passed.map(({ ids }) => ids);

describe('what makes it send', () => {
  test('enough items, whatever the time', async () => {
    batcher({ send_batch_size: 4 });
    give(1, 2);
    expect(passed()).toEqual([]);
    give(3, 4, 5);
    await host.manualClock.settle();
    expect(passed()).toEqual([[1, 2, 3, 4, 5]]);
    expect(host.recordedTelemetry.value('processor_batch_batch_size_trigger_send{processor="batch"}')).toBe(1);
    expect(host.recordedTelemetry.recorded('processor_batch_batch_send_size{processor="batch"}')).toEqual([5]);
  });

  test('the timeout, counted from the first batch that waits', async () => {
    batcher({ timeout: 200 });
    give(1);
    await host.manualClock.advance(150);
    give(2);
    await host.manualClock.advance(49);
    expect(passed()).toEqual([]);
    await host.manualClock.advance(1);
    expect(passed()).toEqual([[1, 2]]);
    expect(host.recordedTelemetry.value('processor_batch_timeout_trigger_send{processor="batch"}')).toBe(1);
  });

  test.each([{ timeout: 0 }, { send_batch_size: 0 }])('every batch at once, with %o', async (settings) => {
    batcher(settings);
    give(1);
    give(2);
    await host.manualClock.settle();
    expect(passed()).toEqual([[1], [2]]);
  });

  test('shutdown; what comes afterwards is passed on without waiting', async () => {
    batcher({});
    const first = give(1, 2);
    await processor.shutdown();
    expect(first.state).toBe('accepted');
    const late = give(3);
    await host.manualClock.settle();
    expect(late.state).toBe('accepted');
    expect(passed()).toEqual([[1, 2], [3]]);
  });
});

describe('where destinations acknowledge what is safe', () => {
  test('senders wait for their data, and share its fate', async () => {
    batcher({ send_batch_size: 2 });
    const { promise, resolve } = Promise.withResolvers<void>();
    host.answer = () => promise;
    const [first, second] = [give(1), give(2)];
    await host.manualClock.settle();
    expect([first.state, second.state]).toEqual(['waiting', 'waiting']);
    resolve();
    await host.manualClock.settle();
    expect([first.state, second.state]).toEqual(['accepted', 'accepted']);
  });

  test('a refusal is not retried here: the sender is told, with the code', async () => {
    batcher({ send_batch_size: 2 });
    host.answer = () => Promise.reject(retryable('later', { code: 'LATER' }));
    const [first, second] = [give(1), give(2)];
    await host.manualClock.advance(60_000);
    expect([first.state, second.state]).toMatchObject([{ code: 'LATER' }, { code: 'LATER' }]);
    expect(passed()).toEqual([[1, 2]]);
  });

  test('a sender whose batch was cut waits for all pieces, and is refused when one is', async () => {
    batcher({ send_batch_size: 2, send_batch_max_size: 2 });
    host.answer = ({ ids }) => (ids.includes(3) ? Promise.reject(permanent('bad three')) : Promise.resolve());
    const [first, second] = [give(1), give(2, 3, 4, 5)];
    await host.manualClock.settle();
    expect(first.state).toBe('accepted');
    expect(second.state).toMatchObject({ message: 'bad three', retryable: false });
    expect(passed().flat()).toEqual([1, 2, 3, 4, 5]);
    expect(passed().every((ids) => ids.length <= 2)).toBe(true);
  });
});

describe('where destinations acknowledge into memory', () => {
  test('senders do not wait', async () => {
    batcher({}, 'memory');
    const given = give(1);
    await host.manualClock.settle();
    expect(given.state).toBe('accepted');
    expect(passed()).toEqual([]);
  });

  test('a batch that is refused for now is passed on again, with growing pauses, until it is taken', async () => {
    batcher({ timeout: 0 }, 'memory');
    let refusals = 3;
    host.answer = () => (refusals-- > 0 ? Promise.reject(retryable('busy')) : Promise.resolve());
    give(1, 2);
    await host.manualClock.advance(49);
    expect(passed()).toHaveLength(1);
    await host.manualClock.advance(1 + 100);
    expect(passed()).toHaveLength(3);
    await host.manualClock.advance(200);
    expect(host.taken).toEqual([1, 2]);
  });

  test('a destination that says when is asked then', async () => {
    batcher({ timeout: 0 }, 'memory');
    let refusals = 1;
    host.answer = () =>
      refusals-- > 0 ? Promise.reject(retryable('busy', { retryAfterMs: 7_000 })) : Promise.resolve();
    give(1);
    await host.manualClock.advance(6_999);
    expect(host.taken).toEqual([]);
    await host.manualClock.advance(1);
    expect(host.taken).toEqual([1]);
  });

  test('what can never be delivered is given up, and said', async () => {
    batcher({ timeout: 0 }, 'memory');
    host.answer = () => Promise.reject(permanent('malformed', { code: 'MALFORMED' }));
    give(1, 2);
    await host.manualClock.settle();
    expect(host.recordedLog.lines).toMatchObject([
      { level: 'error', message: 'dropping a batch', fields: { items: 2, code: 'MALFORMED' } },
    ]);
    expect(host.recordedTelemetry.value('processor_dropped_log_records{processor="batch"}')).toBe(2);
  });

  test('a shutdown tries once more and does not wait for the pause', async () => {
    batcher({ timeout: 0 }, 'memory');
    host.answer = () => Promise.reject(retryable('busy'));
    give(1);
    await host.manualClock.settle();
    host.answer = () => Promise.resolve();
    await processor.shutdown();
    expect(host.taken).toEqual([1]);
  });
});

describe('with metadata_keys', () => {
  const from = (tenant: string, other = 'x') => ({ metadata: { 'x-tenant': [tenant], other: [other] } });

  test('batches are kept apart by the values of these keys, and by no others', async () => {
    batcher({ send_batch_size: 3, metadata_keys: ['X-Tenant'] });
    const given = [
      processor.consume(host.batch([1], from('a'))),
      processor.consume(host.batch([2, 3], from('b', 'y'))),
      processor.consume(host.batch([4, 5], from('a', 'z'))),
      processor.consume(host.batch([6], from('b'))),
    ];
    await Promise.all(given);
    expect(passed()).toEqual([
      [1, 4, 5],
      [2, 3, 6],
    ]);
    expect(host.recordedTelemetry.value('processor_batch_metadata_cardinality{processor="batch"}')).toBe(2);
  });

  test('more combinations than allowed are refused, and may come again', async () => {
    batcher({ metadata_keys: ['x-tenant'], metadata_cardinality_limit: 1, timeout: 0 });
    await processor.consume(host.batch([1], from('a')));
    await expect(processor.consume(host.batch([2], from('b')))).rejects.toMatchObject({
      code: 'METADATA_CARDINALITY',
      retryable: true,
    });
    await processor.consume(host.batch([3], from('a')));
    expect(host.taken).toEqual([1, 3]);
  });
});
