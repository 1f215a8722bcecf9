import { permanent, retryable } from '@millrace/api';
import { describe, expect, test } from 'vitest';
import { createDelivery } from './delivery.ts';
import type { QueueStore, Stored } from './queue-store.ts';
import type { Shipment } from './shipment.ts';
import { deaf, fail, hang, ids, ITEM_BYTES, ScriptedSink, take } from './testing/cargo.ts';
import { queueOf, retryOf, Rig, watch } from './testing/rig.ts';

/** Sends what is there at once. */
const NOW = { flush_timeout: 1, min_size: 0, max_size: 0, sizer: 'items' } as const;

const unavailable = retryable('the destination is away');

describe('a memory queue', () => {
  test('takes responsibility before the data is sent', async () => {
    const sink = new ScriptedSink(hang);
    const rig = new Rig({ sending_queue: queueOf() }, sink);
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment(ids(1, 5)));
    expect(sink.arrived).toEqual([]);
    expect(delivery.guarantee).toBe('memory');
  });

  test('with wait_for_result takes responsibility only when the destination has the data', async () => {
    const slow = deaf();
    const rig = new Rig(
      { sending_queue: queueOf({ wait_for_result: true }) },
      new ScriptedSink(slow.act, fail(unavailable)),
    );
    const delivery = rig.delivery();
    await delivery.start();
    const first = watch(delivery.consume(rig.cargo.shipment([1])));
    const second = watch(delivery.consume(rig.cargo.shipment([2])));
    await rig.clock.settle();
    expect(first.state).toBe('pending');
    expect(second.state).toBe(unavailable);
    slow.end();
    await rig.clock.settle();
    expect(first.state).toBe('resolved');
    expect(delivery.guarantee).toBe('safe');
    // The sender has been told, so there is nothing to give up.
    expect(rig.givenUp).toEqual([]);
  });

  test('a refusal that the caller will ask again is not counted, one for good is', async () => {
    const rig = new Rig({ sending_queue: queueOf({ queue_size: 1, num_consumers: 1 }) }, new ScriptedSink(hang));
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment([1]));
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const asked = delivery.consume(rig.cargo.shipment([2, 3]), { asksAgain: true });
      await expect(asked).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    }
    expect(rig.count('exporter_enqueue_failed_log_records')).toBe(0);
    await expect(delivery.consume(rig.cargo.shipment([4]))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(rig.count('exporter_enqueue_failed_log_records')).toBe(1);
    await rig.shutdown(delivery);
    const asked = delivery.consume(rig.cargo.shipment([2, 3]), { asksAgain: true });
    await expect(asked).rejects.toMatchObject({ code: 'SHUTDOWN' });
    expect(rig.count('exporter_enqueue_failed_log_records')).toBe(3);
  });

  test('hands out in order, to no more consumers than num_consumers', async () => {
    const stuck = [deaf(), deaf(), deaf()];
    const sink = new ScriptedSink(...stuck.map((each) => each.act));
    const rig = new Rig({ sending_queue: queueOf({ num_consumers: 2 }) }, sink);
    const delivery = rig.delivery();
    await delivery.start();
    for (let id = 1; id <= 6; id += 1) await delivery.consume(rig.cargo.shipment([id]));
    await rig.clock.settle();
    expect(sink.calls).toEqual([[1], [2]]);
    stuck[1].end();
    await rig.clock.settle();
    expect(sink.calls).toEqual([[1], [2], [3]]);
    stuck[0].end();
    await rig.clock.settle();
    expect(sink.calls).toEqual([[1], [2], [3], [4], [5], [6]]);
    expect(sink.activeMax).toBe(2);
  });

  test('that is full refuses, so that the sender tries again, and counts what it refused', async () => {
    const rig = new Rig({ sending_queue: queueOf({ queue_size: 2 }) }, new ScriptedSink(hang, hang));
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment(ids(1, 10)));
    await delivery.consume(rig.cargo.shipment(ids(11, 10)));
    await expect(delivery.consume(rig.cargo.shipment(ids(21, 10)))).rejects.toMatchObject({
      code: 'QUEUE_FULL',
      retryable: true,
    });
    await expect(delivery.consume(rig.cargo.shipment(ids(31, 10)))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(rig.count('exporter_enqueue_failed_log_records')).toBe(20);
    expect(rig.recorder.messages('warn')).toEqual(['data is refused']);
    expect(rig.cargo.held.size).toBe(2);
  });

  test('shows its size and capacity as the Collector does, as long as it runs', async () => {
    const rig = new Rig({ sending_queue: queueOf({ queue_size: 50, sizer: 'items' }) }, new ScriptedSink(hang));
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment(ids(1, 10)));
    expect(rig.recorder.value('exporter_queue_size{exporter="otlp/test",data_type="logs"}')).toBe(10);
    expect(rig.recorder.value('exporter_queue_capacity{exporter="otlp/test",data_type="logs"}')).toBe(50);
    expect(delivery.queue).toMatchObject({ size: 10, capacity: 50, sizer: 'items', blocked: 0 });
    await rig.shutdown(delivery);
    expect(rig.recorder.gauges).toEqual([]);
  });

  test.for([
    { sizer: 'requests', capacity: 2 },
    { sizer: 'items', capacity: 20 },
    { sizer: 'bytes', capacity: 20 * ITEM_BYTES },
  ] as const)('is measured in $sizer until data is dealt with', async ({ sizer, capacity }) => {
    const stuck = deaf();
    const rig = new Rig({ sending_queue: queueOf({ queue_size: capacity, sizer }) }, new ScriptedSink(stuck.act, hang));
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment(ids(1, 10)));
    await delivery.consume(rig.cargo.shipment(ids(11, 10)));
    await expect(delivery.consume(rig.cargo.shipment([21]))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    stuck.end();
    await rig.clock.settle();
    await delivery.consume(rig.cargo.shipment(ids(31, 10)));
    expect(rig.recorder.messages('info')).toEqual(['data is taken again']);
  });

  test('refuses for good what would not even fit when empty, also when it would otherwise block', async () => {
    const queue = queueOf({ queue_size: 9, sizer: 'items', block_on_overflow: true });
    const rig = new Rig({ sending_queue: queue }, new ScriptedSink());
    const delivery = rig.delivery();
    await delivery.start();
    await expect(delivery.consume(rig.cargo.shipment(ids(1, 10)))).rejects.toMatchObject({
      code: 'TOO_LARGE',
      retryable: false,
    });
    expect(rig.count('exporter_enqueue_failed_log_records')).toBe(10);
    expect(rig.cargo.held.size).toBe(0);
  });

  test('drops empty loads without a word, as there is nothing in them', async () => {
    const sink = new ScriptedSink();
    const rig = new Rig({ sending_queue: queueOf({ sizer: 'items', wait_for_result: true }) }, sink);
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment([]));
    expect(sink.calls).toEqual([]);
    expect(rig.cargo.held.size).toBe(0);
  });

  test('with block_on_overflow makes senders wait, in their order', async () => {
    const stuck = deaf();
    const sink = new ScriptedSink(stuck.act);
    const queue = queueOf({ queue_size: 10, sizer: 'items', block_on_overflow: true, num_consumers: 1 });
    const rig = new Rig({ sending_queue: queue }, sink);
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment(ids(1, 9)));
    const large = watch(delivery.consume(rig.cargo.shipment(ids(10, 8))));
    // It would fit, but does not overtake.
    const small = watch(delivery.consume(rig.cargo.shipment([18])));
    await rig.clock.settle();
    expect([large.state, small.state]).toEqual(['pending', 'pending']);
    expect(delivery.queue?.blocked).toBe(2);
    stuck.end();
    await rig.clock.settle();
    expect([large.state, small.state]).toEqual(['resolved', 'resolved']);
    expect(sink.arrived).toEqual([ids(1, 9), ids(10, 8), [18]]);
  });

  test('gives up what is refused for good, with reason, count and attempts', async () => {
    const rig = new Rig({ sending_queue: queueOf() }, new ScriptedSink(fail(permanent('malformed', { code: 'BAD' }))));
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment(ids(1, 4)));
    await rig.clock.settle();
    expect(rig.givenUp).toMatchObject([{ ids: ids(1, 4), error: { code: 'BAD' }, attempts: 1 }]);
    expect(rig.count('exporter_send_failed_log_records')).toBe(4);
    expect(rig.recorder.lines).toContainEqual({
      level: 'error',
      message: 'data was given up',
      fields: { error: 'malformed', code: 'BAD', items: 4, attempts: 1 },
    });
    expect(rig.cargo.held.size).toBe(0);
    expect(delivery.queue?.size).toBe(0);
  });

  test('keeps the bytes of what is given up until the dead letter has them, and survives its failure', async () => {
    const letter = deaf();
    const rig = new Rig({ sending_queue: queueOf() }, new ScriptedSink(fail(permanent('malformed'))), {
      onGivenUp: () => letter.act(undefined as never),
    });
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment([1]));
    await rig.clock.settle();
    expect(rig.cargo.held.size).toBe(1);
    letter.end(new Error('disk full'));
    await rig.clock.settle();
    expect(rig.cargo.held.size).toBe(0);
    expect(rig.recorder.messages('error')).toContain('data that was given up could not be kept');
  });

  test('keeps the room of what a stuck sink still holds', async () => {
    const stuck = deaf();
    const queue = queueOf({ queue_size: 1 });
    const rig = new Rig({ timeout: 1000, sending_queue: queue }, new ScriptedSink(stuck.act));
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment([1]));
    await rig.clock.advance(1000);
    expect(rig.givenUp).toMatchObject([{ error: { code: 'TIMEOUT' } }]);
    await expect(delivery.consume(rig.cargo.shipment([2]))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    stuck.end();
    await rig.clock.settle();
    await delivery.consume(rig.cargo.shipment([3]));
  });
});

describe('shutdown of a queue', () => {
  test('sends everything that waits', async () => {
    const sink = new ScriptedSink();
    const rig = new Rig({ sending_queue: queueOf({ num_consumers: 1 }) }, sink);
    const delivery = rig.delivery();
    await delivery.start();
    const taken = ids(1, 50).map((id) => delivery.consume(rig.cargo.shipment([id])));
    await expect(delivery.shutdown({ deadlineMs: 1000 })).resolves.toEqual({ leftItems: 0, keptItems: 0 });
    await Promise.all(taken);
    expect(sink.arrived.flat()).toEqual(ids(1, 50));
    expect(rig.clock.pending).toBe(0);
  });

  test('makes one last attempt for what waits for a retry, and reports what is left', async () => {
    const refusals = Array.from({ length: 10 }, () => fail(unavailable));
    const sink = new ScriptedSink(...refusals);
    const rig = new Rig({ sending_queue: queueOf({ num_consumers: 1 }), retry_on_failure: retryOf() }, sink);
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment(ids(1, 4)));
    await delivery.consume(rig.cargo.shipment(ids(5, 3)));
    await rig.clock.advance(100);
    await expect(delivery.shutdown({ deadlineMs: 1000 })).resolves.toEqual({ leftItems: 7, keptItems: 0 });
    expect(sink.calls).toEqual([ids(1, 4), ids(1, 4), ids(5, 3)]);
    expect(rig.count('exporter_send_failed_log_records')).toBe(7);
    expect(rig.givenUp.map(({ ids, error, attempts }) => [ids, error.code, attempts])).toEqual([
      [ids(1, 4), 'SHUTDOWN', 2],
      [ids(5, 3), 'SHUTDOWN', 1],
    ]);
    expect(rig.recorder.lines.at(-1)).toMatchObject({ level: 'error', fields: { items: 7 } });
    expect(rig.cargo.held.size).toBe(0);
  });

  test('is over at its deadline, whatever the sink does', async () => {
    const stuck = [deaf(), deaf()];
    const sink = new ScriptedSink(stuck[0].act, stuck[1].act);
    const rig = new Rig({ sending_queue: queueOf({ num_consumers: 2 }) }, sink);
    const delivery = rig.delivery();
    await delivery.start();
    for (const id of ids(1, 5)) await delivery.consume(rig.cargo.shipment([id]));
    const over = delivery.shutdown({ deadlineMs: 3000 });
    await rig.clock.advance(3000);
    await expect(over).resolves.toEqual({ leftItems: 5, keptItems: 0 });
    expect(sink.calls).toEqual([[1], [2]]);
    expect(rig.givenUp.map((each) => each.attempts).sort((a, b) => a - b)).toEqual([0, 0, 0, 1, 1]);
    // What the sink still reads is not pulled away from under it.
    expect(rig.cargo.held.size).toBe(2);
    for (const each of stuck) each.end();
    await rig.clock.settle();
    expect(rig.cargo.held.size).toBe(0);
    expect(rig.cargo.faults).toEqual([]);
  });

  test('refuses senders that wait for room', async () => {
    const queue = queueOf({ queue_size: 1, block_on_overflow: true });
    const rig = new Rig({ sending_queue: queue }, new ScriptedSink(hang));
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment([1]));
    const blocked = watch(delivery.consume(rig.cargo.shipment([2])));
    await rig.clock.settle();
    const over = delivery.shutdown({ deadlineMs: 100 });
    await rig.clock.settle();
    expect(blocked.state).toMatchObject({ code: 'SHUTDOWN', retryable: true });
    await rig.clock.advance(100);
    await expect(over).resolves.toEqual({ leftItems: 1, keptItems: 0 });
  });

  test('tells senders that wait for a result to come back, and does not count their data as left', async () => {
    const queue = queueOf({ num_consumers: 1, wait_for_result: true });
    const rig = new Rig({ sending_queue: queue }, new ScriptedSink(hang));
    const delivery = rig.delivery();
    await delivery.start();
    const first = watch(delivery.consume(rig.cargo.shipment([1])));
    const second = watch(delivery.consume(rig.cargo.shipment([2])));
    await expect(rig.shutdown(delivery)).resolves.toEqual({ leftItems: 0, keptItems: 0 });
    expect(first.state).toMatchObject({ code: 'SHUTDOWN', retryable: true });
    expect(second.state).toMatchObject({ code: 'SHUTDOWN', retryable: true });
    expect(rig.givenUp).toEqual([]);
  });

  test('works without a start and more than once', async () => {
    const rig = new Rig({ sending_queue: queueOf() }, new ScriptedSink());
    const delivery = rig.delivery();
    await delivery.consume(rig.cargo.shipment(ids(1, 3)));
    await expect(delivery.shutdown({ deadlineMs: 0 })).resolves.toEqual({ leftItems: 3, keptItems: 0 });
    await expect(delivery.shutdown({ deadlineMs: 0 })).resolves.toEqual({ leftItems: 3, keptItems: 0 });
    expect(rig.cargo.held.size).toBe(0);
  });
});

describe('encoding behind the queue', () => {
  test('that fails for want of memory is done again: the data is good', async () => {
    const sink = new ScriptedSink();
    const rig = new Rig({ sending_queue: queueOf({ num_consumers: 1, batch: NOW }) }, sink);
    const { encode } = rig.cargo.batching;
    let failures = 3;
    const delivery = createDelivery({
      ...rig.options,
      batching: {
        ...rig.cargo.batching,
        encode: (batches, context) =>
          failures-- > 0 ? Promise.reject(retryable('no memory', { code: 'MEMORY_BUDGET' })) : encode(batches, context),
      },
    });
    await delivery.start();
    await delivery.consume(rig.cargo.batch([1, 2]));
    await rig.clock.advance(1_000);
    expect(sink.arrived).toEqual([[1, 2]]);
    expect(rig.givenUp).toEqual([]);
    await expect(rig.shutdown(delivery)).resolves.toEqual({ leftItems: 0, keptItems: 0 });
    expect(rig.cargo.held.size).toBe(0);
  });

  test('that goes on failing does not hold a shutdown up, and the data is reported', async () => {
    const rig = new Rig({ sending_queue: queueOf({ num_consumers: 1, batch: NOW }) }, new ScriptedSink());
    const batching = { ...rig.cargo.batching, encode: () => Promise.reject(retryable('no memory')) };
    const delivery = createDelivery({ ...rig.options, batching });
    await delivery.start();
    await delivery.consume(rig.cargo.batch([1, 2]));
    await expect(rig.shutdown(delivery)).resolves.toEqual({ leftItems: 2, keptItems: 0 });
    expect(rig.cargo.held.size).toBe(0);
    expect(rig.cargo.faults).toEqual([]);
  });
});

describe('a request of which a part cannot be encoded', () => {
  const broken = permanent('record 3 is broken', { code: 'STEP_FAILED', failedItems: 1 });

  async function sent(...acts: ConstructorParameters<typeof ScriptedSink>) {
    const rig = new Rig({ sending_queue: queueOf({ batch: NOW }) }, new ScriptedSink(...acts));
    const encode = async (): Promise<Shipment> => ({ ...rig.cargo.shipment([1, 2]), items: 3, unencoded: broken });
    const delivery = createDelivery({ ...rig.options, batching: { ...rig.cargo.batching, encode } });
    await delivery.start();
    await delivery.consume(rig.cargo.batch([1, 2, 3]));
    await rig.clock.advance(10);
    const counts = [rig.count('exporter_sent_log_records'), rig.count('exporter_send_failed_log_records')];
    return { counts, givenUp: rig.givenUp.map(({ error }) => error.failedItems), held: rig.cargo.held.size };
  }

  test('is sent without it, and what is missing is counted as failed', async () => {
    expect(await sent(take)).toEqual({ counts: [2, 1], givenUp: [1], held: 0 });
  });

  test('counts what the destination rejects besides', async () => {
    const partly = fail(permanent('one was rejected', { failedItems: 1 }));
    expect(await sent(partly)).toEqual({ counts: [1, 2], givenUp: [2], held: 0 });
  });

  test('has failed as a whole where the destination refuses it', async () => {
    expect(await sent(fail(permanent('malformed')))).toEqual({ counts: [0, 3], givenUp: [undefined], held: 0 });
  });
});

describe('a storage backend', () => {
  test('that is asked for and not there is refused when the delivery is made', () => {
    const rig = new Rig({ sending_queue: queueOf({ storage: 'file_storage' }) }, new ScriptedSink(take));
    expect(() => rig.delivery()).toThrowError(expect.objectContaining({ code: 'STORAGE_UNAVAILABLE' }));
  });

  test('that cannot write makes the queue refuse, and takes no room', async () => {
    const rig = new Rig({ sending_queue: queueOf() }, new ScriptedSink(take));
    const store: QueueStore<Shipment> = {
      guarantee: 'safe',
      open: async () => ({ requests: 0, items: 0, bytes: 0 }),
      append: () => Promise.reject(new Error('no space left on device')),
      read: () => Promise.reject(new Error('there is nothing to read')),
      done: () => {},
      close: async () => {},
    };
    const delivery = createDelivery({ ...rig.options, store });
    await delivery.start();
    await expect(delivery.consume(rig.cargo.shipment([1]))).rejects.toMatchObject({
      code: 'STORE_FAILED',
      retryable: true,
    });
    expect(delivery.queue?.size).toBe(0);
    expect(rig.cargo.held.size).toBe(0);
    await expect(delivery.shutdown({ deadlineMs: 0 })).resolves.toEqual({ leftItems: 0, keptItems: 0 });
  });

  test('keeps through a shutdown what was not delivered, and hands it out first after the next start', async () => {
    const disk = new SafeStore();
    const before = new Rig({ sending_queue: queueOf({ num_consumers: 1 }) }, new ScriptedSink(take, hang));
    const first = createDelivery({ ...before.options, store: disk });
    await first.start();
    expect(first.guarantee).toBe('safe');
    for (const id of ids(1, 4)) await first.consume(before.cargo.shipment([id]));
    await expect(before.shutdown(first)).resolves.toEqual({ leftItems: 0, keptItems: 3 });
    // Not lost: neither counted as failed nor given up.
    expect(before.givenUp).toEqual([]);
    expect(before.count('exporter_send_failed_log_records')).toBe(0);
    expect(disk.kept.map((stored) => stored.load.items)).toEqual([1, 1, 1]);

    const sink = new ScriptedSink(fail(permanent('malformed')));
    const after = new Rig({ sending_queue: queueOf({ num_consumers: 1, queue_size: 4 }) }, sink);
    const second = createDelivery({ ...after.options, onGivenUp: () => {}, store: disk });
    await second.start();
    await second.consume(after.cargo.shipment([5]));
    await expect(second.consume(after.cargo.shipment([6]))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    await after.clock.settle();
    expect(sink.calls).toEqual([[2], [3], [4], [5]]);
    expect(second.queue?.size).toBe(0);
    expect(disk.kept).toEqual([]);
    await expect(after.shutdown(second)).resolves.toEqual({ leftItems: 0, keptItems: 0 });
  });
});

/** What a durable store promises, on a disk made of memory that outlives the delivery. */
class SafeStore implements QueueStore<Shipment> {
  readonly guarantee = 'safe';
  kept: Stored<Shipment>[] = [];
  #read = 0;
  #sequence = 0;

  async open() {
    this.#read = 0;
    const items = this.kept.reduce((sum, { load }) => sum + load.items, 0);
    return { requests: this.kept.length, items, bytes: items * ITEM_BYTES };
  }

  async append(load: Shipment): Promise<number> {
    const kept = { ...load, payload: load.payload.slice(), release: () => {} };
    load.release();
    const sequence = (this.#sequence += 1);
    this.kept.push({ sequence, load: kept });
    return sequence;
  }

  async read(): Promise<Stored<Shipment>> {
    const stored = this.kept.find(({ sequence }) => sequence > this.#read) as Stored<Shipment>;
    this.#read = stored.sequence;
    return stored;
  }

  done(sequence: number): void {
    this.kept = this.kept.filter((stored) => stored.sequence !== sequence);
  }

  async close() {}
}
