import { permanent, retryable } from '@millrace/api';
import type { Batch, ClientContext } from '@millrace/api';
import { describe, expect, test } from 'vitest';
import { createDelivery } from './delivery.ts';
import type { BatchSettings, SendingQueueSettings } from './settings.ts';
import { batchForm, DurableQueue } from './storage/durable-queue.ts';
import { StorageRig } from './storage/testing/storage-rig.ts';
import { deaf, fail, hang, ids, ITEM_BYTES, ScriptedSink, take } from './testing/cargo.ts';
import { queueOf, Rig, watch } from './testing/rig.ts';

function batchOf(changes: Partial<BatchSettings> = {}): BatchSettings {
  return { flush_timeout: 200, min_size: 8192, max_size: 0, sizer: 'items', ...changes };
}

async function started(sink: ScriptedSink, batch: Partial<BatchSettings>, queue: Partial<SendingQueueSettings> = {}) {
  const rig = new Rig({ sending_queue: queueOf({ batch: batchOf(batch), ...queue }) }, sink);
  const delivery = rig.batchDelivery();
  await delivery.start();
  return { rig, delivery };
}

describe('a batching queue', () => {
  test('merges what comes until min_size, in order', async () => {
    const sink = new ScriptedSink();
    const { rig, delivery } = await started(sink, { min_size: 10 });
    for (const first of [1, 5, 9]) await delivery.consume(rig.cargo.batch(ids(first, 4)));
    await rig.clock.settle();
    expect(sink.arrived).toEqual([ids(1, 12)]);
    expect(rig.clock.pending).toBe(0);
    expect(rig.cargo.held.size).toBe(0);
    expect(rig.count('exporter_sent_log_records')).toBe(12);
  });

  test('sends what there is flush_timeout after the first of it came', async () => {
    const sink = new ScriptedSink();
    const { rig, delivery } = await started(sink, { flush_timeout: 200 });
    await delivery.consume(rig.cargo.batch([1]));
    await rig.clock.advance(150);
    await delivery.consume(rig.cargo.batch([2]));
    await rig.clock.advance(49);
    expect(sink.calls).toEqual([]);
    await rig.clock.advance(1);
    expect(sink.arrived).toEqual([[1, 2]]);
  });

  test('cuts at max_size and keeps the rest for the next request', async () => {
    const sink = new ScriptedSink();
    const { rig, delivery } = await started(sink, { min_size: 10, max_size: 10 });
    await delivery.consume(rig.cargo.batch(ids(1, 7)));
    await delivery.consume(rig.cargo.batch(ids(8, 28)));
    await rig.clock.settle();
    expect(sink.arrived).toEqual([ids(1, 10), ids(11, 10), ids(21, 10)]);
    await rig.clock.advance(200);
    expect(sink.arrived[3]).toEqual(ids(31, 5));
    expect(rig.cargo.held.size).toBe(0);
    expect(rig.cargo.faults).toEqual([]);
    expect(delivery.queue?.size).toBe(0);
  });

  test('measures both sizes in the unit of the queue where it has none of its own', async () => {
    const sink = new ScriptedSink();
    const { sizer: _, ...batch } = batchOf({ min_size: 3 * ITEM_BYTES, max_size: 3 * ITEM_BYTES });
    const rig = new Rig({ sending_queue: queueOf({ sizer: 'bytes', queue_size: 100_000, batch }) }, sink);
    const delivery = rig.batchDelivery();
    await delivery.start();
    await delivery.consume(rig.cargo.batch(ids(1, 6)));
    await rig.clock.settle();
    expect(sink.arrived).toEqual([ids(1, 3), ids(4, 3)]);
  });

  test('measures both sizes in bytes where asked to, and sends a record that is larger alone', async () => {
    const sink = new ScriptedSink();
    const { rig, delivery } = await started(sink, {
      min_size: 3 * ITEM_BYTES,
      max_size: 3 * ITEM_BYTES + 1,
      sizer: 'bytes',
    });
    await delivery.consume(rig.cargo.batch(ids(1, 7)));
    await rig.clock.advance(200);
    expect(sink.arrived).toEqual([ids(1, 3), ids(4, 3), [7]]);

    const tiny = await started(new ScriptedSink(), { min_size: 1, max_size: 1, sizer: 'bytes' });
    await tiny.delivery.consume(tiny.rig.cargo.batch(ids(1, 2)));
    await tiny.rig.clock.settle();
    expect(tiny.rig.count('exporter_sent_log_records')).toBe(2);
    expect(tiny.rig.cargo.held.size).toBe(0);
  });

  test('does not put a record that is too large into a request that has others', async () => {
    const sink = new ScriptedSink();
    const { rig, delivery } = await started(sink, { min_size: 6, max_size: 6, sizer: 'bytes' });
    await delivery.consume(rig.cargo.batch([1]));
    await delivery.consume(rig.cargo.batch([2, 3]));
    await rig.clock.advance(200);
    expect(sink.arrived).toEqual([[1], [2], [3]]);
    expect(rig.cargo.faults).toEqual([]);
  });

  test('keeps data with different metadata apart, and data of different addresses together', async () => {
    const sink = new ScriptedSink();
    const { rig, delivery } = await started(sink, {});
    const context = (tenant: string, address: string): ClientContext => ({ address, metadata: { tenant: [tenant] } });
    await delivery.consume(rig.cargo.batch([1], context('a', '10.0.0.1')));
    await delivery.consume(rig.cargo.batch([2], context('b', '10.0.0.1')));
    await delivery.consume(rig.cargo.batch([3], context('a', '10.0.0.2')));
    await delivery.consume(rig.cargo.batch([4], { address: '10.0.0.3' }));
    await delivery.consume(rig.cargo.batch([5], { address: '10.0.0.3' }));
    await rig.clock.advance(200);
    expect(sink.arrived).toEqual([[1, 3], [2], [4, 5]]);
    expect(sink.contexts).toEqual([{ metadata: { tenant: ['a'] } }, context('b', '10.0.0.1'), { address: '10.0.0.3' }]);
  });

  test('takes nothing from the queue while a request waits for a consumer, so that the next ones are full', async () => {
    const stuck = deaf();
    const sink = new ScriptedSink(stuck.act);
    const { rig, delivery } = await started(sink, { min_size: 4 }, { num_consumers: 1, queue_size: 4 });
    for (const first of [1, 5]) await delivery.consume(rig.cargo.batch(ids(first, 4)));
    await delivery.consume(rig.cargo.batch([9]));
    // Longer than flush_timeout, which begins when data leaves the queue.
    await rig.clock.advance(1000);
    await delivery.consume(rig.cargo.batch(ids(10, 3)));
    await rig.clock.settle();
    expect(sink.calls).toEqual([ids(1, 4)]);
    await expect(delivery.consume(rig.cargo.batch([13]))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    stuck.end();
    await rig.clock.settle();
    expect(sink.arrived).toEqual([ids(1, 4), ids(5, 4), ids(9, 4)]);
  });

  test('tells a sender that waits how many of its items failed when a part of them did', async () => {
    const sink = new ScriptedSink(take, fail(permanent('malformed')));
    const { rig, delivery } = await started(sink, { min_size: 10, max_size: 10 }, { wait_for_result: true });
    const first = watch(delivery.consume(rig.cargo.batch(ids(1, 13))));
    const second = watch(delivery.consume(rig.cargo.batch(ids(14, 7))));
    const third = watch(delivery.consume(rig.cargo.batch(ids(21, 10))));
    await rig.clock.settle();
    expect(sink.calls).toEqual([ids(1, 10), ids(11, 10), ids(21, 10)]);
    expect(first.state).toMatchObject({ retryable: false, failedItems: 3 });
    expect(second.state).toMatchObject({ retryable: false, failedItems: undefined });
    expect(third.state).toBe('resolved');
    expect(rig.count('exporter_sent_log_records')).toBe(20);
    expect(rig.count('exporter_send_failed_log_records')).toBe(10);
  });

  test('tells every sender whose items were merged when the destination rejects some of them: nobody knows whose', async () => {
    const partly = fail(permanent('malformed', { failedItems: 3 }));
    const sink = new ScriptedSink(partly, take, partly);
    const { rig, delivery } = await started(sink, { min_size: 8, max_size: 8 }, { wait_for_result: true });
    const told = [
      watch(delivery.consume(rig.cargo.batch(ids(1, 5)))),
      watch(delivery.consume(rig.cargo.batch(ids(6, 2)))),
      // The first 1 of 17 is merged with those of others, 8 are delivered, and 8 are its own again.
      watch(delivery.consume(rig.cargo.batch(ids(8, 17)))),
    ];
    await rig.clock.settle();
    expect(sink.calls.map(({ length }) => length)).toEqual([8, 8, 8]);
    const states = told.map(({ state }) => state);
    expect(states).toMatchObject([
      { retryable: false, failedItems: 3, message: expect.stringContaining('nobody knows whose') as string },
      { retryable: false, failedItems: undefined },
      { retryable: false, failedItems: 4 },
    ]);
    // The metrics count what is known.
    expect(rig.count('exporter_send_failed_log_records')).toBe(6);
    expect(rig.count('exporter_sent_log_records')).toBe(18);
  });

  test('tells a sender to come back when any part may still be taken', async () => {
    const sink = new ScriptedSink(fail(permanent('malformed')), fail(retryable('away', { retryAfterMs: 7000 })));
    const { rig, delivery } = await started(sink, { min_size: 5, max_size: 5 }, { wait_for_result: true });
    const consumed = watch(delivery.consume(rig.cargo.batch(ids(1, 15))));
    await rig.clock.settle();
    expect(consumed.state).toMatchObject({ code: 'UNAVAILABLE', retryable: true, failedItems: 10, retryAfterMs: 7000 });
  });

  test('frees the room of a batch only when all its parts are dealt with', async () => {
    const stuck = deaf();
    const sink = new ScriptedSink(stuck.act);
    const { rig, delivery } = await started(sink, { min_size: 5, max_size: 5 });
    await delivery.consume(rig.cargo.batch(ids(1, 10)));
    await rig.clock.settle();
    expect(sink.arrived).toEqual([ids(6, 5)]);
    expect(delivery.queue?.size).toBe(1);
    stuck.end();
    await rig.clock.settle();
    expect(delivery.queue?.size).toBe(0);
  });

  test('gives up what cannot be encoded, with its batches', async () => {
    const sink = new ScriptedSink();
    const rig = new Rig({ sending_queue: queueOf({ batch: batchOf({ min_size: 3 }) }) }, sink);
    const delivery = createDelivery({
      ...rig.options,
      batching: { ...rig.cargo.batching, encode: () => Promise.reject(new Error('the worker died')) },
    });
    await delivery.start();
    await delivery.consume(rig.cargo.batch([1, 2]));
    await delivery.consume(rig.cargo.batch([3]));
    await rig.clock.settle();
    expect(rig.givenUp).toMatchObject([
      { ids: [1, 2], error: { code: 'UNEXPECTED' }, attempts: 0 },
      { ids: [3], error: { code: 'UNEXPECTED' }, attempts: 0 },
    ]);
    expect(rig.count('exporter_send_failed_log_records')).toBe(3);
    expect(rig.cargo.held.size).toBe(0);
    expect(delivery.queue?.size).toBe(0);
  });

  test('gives up what cannot be cut, and goes on with the rest', async () => {
    const sink = new ScriptedSink();
    const rig = new Rig({ sending_queue: queueOf({ batch: batchOf({ min_size: 2, max_size: 2 }) }) }, sink);
    const delivery = createDelivery({
      ...rig.options,
      batching: {
        ...rig.cargo.batching,
        cut: () => {
          throw new Error('truncated');
        },
      },
    });
    await delivery.start();
    await delivery.consume(rig.cargo.batch([1]));
    await delivery.consume(rig.cargo.batch([2, 3]));
    await rig.clock.advance(200);
    expect(rig.givenUp).toMatchObject([{ ids: [2, 3], error: { code: 'UNEXPECTED' } }]);
    expect(sink.arrived).toEqual([[1]]);
    expect(rig.cargo.held.size).toBe(0);
    await expect(rig.shutdown(delivery)).resolves.toEqual({ leftItems: 0, keptItems: 0 });
  });

  test('sends at once at shutdown what waits for more', async () => {
    const sink = new ScriptedSink();
    const { rig, delivery } = await started(sink, { flush_timeout: 60_000 });
    await delivery.consume(rig.cargo.batch([1]));
    await delivery.consume(rig.cargo.batch([2]));
    await rig.clock.settle();
    await delivery.consume(rig.cargo.batch([3]));
    await expect(delivery.shutdown({ deadlineMs: 1000 })).resolves.toEqual({ leftItems: 0, keptItems: 0 });
    expect(sink.arrived.flat()).toEqual([1, 2, 3]);
    expect(rig.clock.pending).toBe(0);
  });

  test('reports at the deadline everything that is left, wherever it is', async () => {
    const { rig, delivery } = await started(new ScriptedSink(hang), { min_size: 2, max_size: 2 }, { num_consumers: 1 });
    for (const first of [1, 4, 7, 10]) await delivery.consume(rig.cargo.batch(ids(first, 3)));
    await rig.clock.settle();
    await expect(rig.shutdown(delivery, 5000)).resolves.toEqual({ leftItems: 12, keptItems: 0 });
    expect(rig.givenUp.flatMap((each) => each.ids).sort((a, b) => a - b)).toEqual(ids(1, 12));
    expect(rig.cargo.held.size).toBe(0);
    expect(rig.cargo.faults).toEqual([]);
  });

  test('does not wait at the deadline for an encoder that never answers', async () => {
    const rig = new Rig({ sending_queue: queueOf({ batch: batchOf({ min_size: 1 }) }) }, new ScriptedSink());
    const late = Promise.withResolvers<void>();
    const { encode, cut } = rig.cargo.batching;
    const delivery = createDelivery({
      ...rig.options,
      batching: {
        cut,
        encode: async (batches, context) => {
          await late.promise;
          return encode(batches, context);
        },
      },
    });
    await delivery.start();
    await delivery.consume(rig.cargo.batch(ids(1, 3)));
    await rig.clock.settle();
    await expect(rig.shutdown(delivery)).resolves.toEqual({ leftItems: 3, keptItems: 0 });
    // The encoder still reads the batch.
    expect(rig.cargo.held.size).toBe(1);
    late.resolve();
    await rig.clock.settle();
    expect(rig.cargo.held.size).toBe(0);
    expect(rig.cargo.faults).toEqual([]);
  });
});

test('a stored queue lets go of what was merged for a sink that does not let go, and keeps it', async () => {
  const { act, end } = deaf();
  const queue = queueOf({ num_consumers: 1, storage: 'disk', batch: batchOf({ min_size: 2, max_size: 2 }) });
  const rig = new Rig({ sending_queue: queue }, new ScriptedSink(act));
  const storage = new StorageRig().storage();
  await storage.open();
  const store = new DurableQueue<Batch>({
    queue: () => storage.queue('q'),
    form: batchForm,
    residentBytesMax: 1_000,
    backlogShare: 1,
    clock: rig.clock,
    logger: rig.recorder.logger,
  });
  const delivery = createDelivery({ ...rig.options, batching: rig.cargo.batching, store });
  await delivery.start();
  for (const id of ids(1, 9)) await delivery.consume(rig.cargo.batch([id]));
  await expect(rig.shutdown(delivery, 1_000)).resolves.toEqual({ leftItems: 0, keptItems: 9 });
  end();
  await rig.clock.settle();
  expect(rig.cargo.held.size).toBe(0);
  expect(rig.cargo.faults).toEqual([]);
});
