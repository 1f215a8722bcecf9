import { permanent, retryable } from '@millrace/api';
import type { Batch, DeliveryError } from '@millrace/api';
import { describe, expect, test } from 'vitest';
import { fail, idsOf, ScriptedSink } from '../testing/cargo.ts';
import { queueOf, retryOf, Rig, watch } from '../testing/rig.ts';
import type { DeliverySettings } from '../settings.ts';
import type { Shipment } from '../shipment.ts';
import type { DeadLetter, GivenUp } from './dead-letter.ts';

/** Keeps what it gets, unless it is told to refuse. */
class Kept implements DeadLetter {
  readonly isLocal: boolean;
  readonly entries: (GivenUp & { readonly ids: readonly number[]; readonly isBatch: boolean })[] = [];
  refusal: DeliveryError | undefined;
  asked = 0;

  constructor(isLocal = true) {
    this.isLocal = isLocal;
  }

  async keep(load: Shipment | Batch, why: GivenUp): Promise<void> {
    this.asked += 1;
    await Promise.resolve();
    if (this.refusal !== undefined) throw this.refusal;
    const isBatch = 'chunks' in load;
    this.entries.push({ ...why, ids: idsOf(isBatch ? load.chunks[0] : load.payload), isBatch });
  }
}

const malformed = permanent('malformed');
const away = retryable('away');

function rigOf(settings: DeliverySettings, sink: ScriptedSink, kept = new Kept()) {
  const rig = new Rig(settings, sink, { deadLetter: kept });
  return { rig, kept };
}

describe('without a queue', () => {
  test('what is refused for good is kept and the sender told that it was taken', async () => {
    const { rig, kept } = rigOf({}, new ScriptedSink(fail(malformed)));
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment([1, 2]));
    expect(kept.entries).toMatchObject([{ ids: [1, 2], error: malformed, attempts: 1 }]);
    expect(rig.count('exporter_send_failed_log_records')).toBe(2);
    expect(rig.recorder.value('exporter_dead_letter_items{exporter="otlp/test",data_type="logs"}')).toBe(2);
    expect(rig.cargo.held.size).toBe(0);
  });

  test('where it cannot be kept, the sender hears what the destination said', async () => {
    const { rig, kept } = rigOf({}, new ScriptedSink(fail(malformed)));
    kept.refusal = retryable('full');
    const delivery = rig.delivery();
    await expect(delivery.consume(rig.cargo.shipment([1]))).rejects.toBe(malformed);
    expect(rig.cargo.held.size).toBe(0);
  });

  test('what can be sent again is the sender’s', async () => {
    const { rig, kept } = rigOf({}, new ScriptedSink(fail(away)));
    await expect(rig.delivery().consume(rig.cargo.shipment([1]))).rejects.toBe(away);
    expect(kept.asked).toBe(0);
  });
});

describe('behind a queue', () => {
  test('a dead letter without room holds the place of what it cannot take, until it can', async () => {
    const settings = { sending_queue: queueOf({ num_consumers: 1, queue_size: 2 }) };
    const { rig, kept } = rigOf(settings, new ScriptedSink(fail(malformed)));
    kept.refusal = retryable('full');
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment([1]));
    await delivery.consume(rig.cargo.shipment([2]));
    await rig.clock.advance(10_000);
    await expect(delivery.consume(rig.cargo.shipment([3]))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(rig.recorder.messages('error')).toHaveLength(1);
    kept.refusal = undefined;
    await rig.clock.advance(1000);
    expect(kept.entries.map(({ ids }) => ids)).toEqual([[1]]);
    expect(delivery.queue?.size).toBe(0);
    expect(rig.givenUp).toEqual([]);
  });

  test('encoded data is kept as it was before, each batch by itself', async () => {
    const batch = { flush_timeout: 100, min_size: 4, max_size: 0, sizer: 'items' } as const;
    const { rig, kept } = rigOf({ sending_queue: queueOf({ batch }) }, new ScriptedSink(fail(malformed)));
    const delivery = rig.batchDelivery();
    await delivery.start();
    await delivery.consume(rig.cargo.batch([1, 2]));
    await delivery.consume(rig.cargo.batch([3, 4]));
    await rig.clock.settle();
    expect(kept.entries.map(({ ids, isBatch }) => ({ ids, isBatch }))).toEqual([
      { ids: [1, 2], isBatch: true },
      { ids: [3, 4], isBatch: true },
    ]);
    expect(rig.cargo.held.size).toBe(0);
    expect(rig.cargo.faults).toEqual([]);
  });

  test('what can never get into the queue is kept', async () => {
    const { rig, kept } = rigOf({ sending_queue: queueOf({ sizer: 'items', queue_size: 2 }) }, new ScriptedSink());
    await rig.delivery().consume(rig.cargo.shipment([1, 2, 3]));
    expect(kept.entries).toMatchObject([{ ids: [1, 2, 3], error: { code: 'TOO_LARGE' } }]);
  });

  test('senders that wait for the result hear what they can send again, and are told that the rest was taken', async () => {
    const settings = { sending_queue: queueOf({ wait_for_result: true }) };
    const { rig, kept } = rigOf(settings, new ScriptedSink(fail(malformed), fail(away)));
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment([1]));
    await expect(delivery.consume(rig.cargo.shipment([2]))).rejects.toBe(away);
    expect(kept.entries.map(({ ids }) => ids)).toEqual([[1]]);
  });

  test.each([true, false])(
    'at the end, what a queue in memory still holds goes to a local one (%s)',
    async (isLocal) => {
      const settings = { sending_queue: queueOf({ num_consumers: 1 }), retry_on_failure: retryOf() };
      const sink = new ScriptedSink(...Array.from({ length: 20 }, () => fail(away)));
      const { rig, kept } = rigOf(settings, sink, new Kept(isLocal));
      const delivery = rig.delivery();
      await delivery.start();
      for (const id of [1, 2, 3]) await delivery.consume(rig.cargo.shipment([id]));
      const { leftItems } = await rig.shutdown(delivery);
      expect(leftItems).toBe(isLocal ? 0 : 3);
      expect(kept.entries.map(({ ids }) => ids[0])).toEqual(isLocal ? [1, 2, 3] : []);
      expect(rig.cargo.held.size).toBe(0);
    },
  );

  test('a dead letter that never answers does not hold a shutdown up', async () => {
    const kept = new Kept(false);
    kept.keep = () => new Promise(() => {});
    const { rig } = rigOf({ sending_queue: queueOf() }, new ScriptedSink(fail(malformed)), kept);
    const delivery = rig.delivery();
    await delivery.start();
    await delivery.consume(rig.cargo.shipment([1]));
    const ended = watch(delivery.shutdown({ deadlineMs: rig.clock.monotonic() + 5000 }));
    await rig.clock.advance(5000);
    expect(ended.state).toBe('resolved');
  });
});
