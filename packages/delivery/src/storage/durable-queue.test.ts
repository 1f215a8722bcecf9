import type { Batch } from '@millrace/api';
import { expect, test } from 'vitest';
import { QueuedDelivery } from '../queued-delivery.ts';
import { Cargo, idsOf, ScriptedSink, take } from '../testing/cargo.ts';
import { queueOf, Rig } from '../testing/rig.ts';
import { DurableQueue, batchForm, shipmentForm } from './durable-queue.ts';
import { StorageRig } from './testing/storage-rig.ts';

test('a load comes back with its signal, items, context and bytes', async () => {
  const rig = new StorageRig();
  const context = { address: '10.0.0.1', metadata: { tenant: ['a', 'b'] } };
  const storage = rig.storage();
  await storage.open();
  const cargo = new Cargo();
  const store = new DurableQueue<Batch>({ queue: () => storage.queue('q'), form: batchForm, residentBytesMax: 0 });
  expect(await store.open()).toEqual({ requests: 0, items: 0, bytes: 0 });
  const batch = cargo.batch([1, 2, 3], context);
  await store.append({
    ...batch,
    chunks: [batch.chunks[0].subarray(0, 5), batch.chunks[0].subarray(5)],
    release: () => batch.release(),
  });
  expect(cargo.held.size, 'it is on disk, and released').toBe(0);
  rig.disk.crash();
  const next = rig.storage();
  await next.open();
  const again = new DurableQueue<Batch>({ queue: () => next.queue('q'), form: batchForm, residentBytesMax: 0 });
  expect(await again.open()).toEqual({ requests: 1, items: 3, bytes: 12 });
  const { load } = await again.read();
  expect(load).toMatchObject({ signal: 'logs', items: 3, bytes: 12, context });
  expect(idsOf(load.chunks[0])).toEqual([1, 2, 3]);
});

test('loads are handed out in order, wherever they are, and memory holds only so many bytes of them', async () => {
  const storage = new StorageRig().storage();
  await storage.open();
  const cargo = new Cargo();
  const store = new DurableQueue({ queue: () => storage.queue('q'), form: shipmentForm, residentBytesMax: 16 });
  await store.open();
  for (let id = 1; id <= 10; id++) await store.append(cargo.shipment([id]));
  expect(cargo.held.size).toBe(4);
  const seen: number[] = [];
  for (let id = 1; id <= 10; id++) {
    const { sequence, load } = await store.read();
    seen.push(...idsOf(load.payload));
    load.release();
    store.done(sequence);
  }
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  await store.close();
  expect([...cargo.held]).toEqual([]);
  expect(cargo.faults).toEqual([]);
});

test('a reader that finds only damage waits for the next load', async () => {
  const rig = new StorageRig();
  const storage = rig.storage();
  await storage.open();
  const cargo = new Cargo();
  const store = new DurableQueue({ queue: () => storage.queue('q'), form: shipmentForm, residentBytesMax: 0 });
  await store.open();
  await store.append(cargo.shipment([1]));
  rig.disk.inode('/var/store/00000001.seg').flip(4096 + 50, 0);
  const reading = store.read();
  await rig.clock.settle();
  await store.append(cargo.shipment([2]));
  expect(idsOf((await reading).load.payload)).toEqual([2]);
});

test('behind a sending queue, what a crash interrupted is delivered by the next process, in order', async () => {
  const disk = new StorageRig();
  const settings = queueOf({ num_consumers: 1, queue_size: 100 });
  const open = async (sink: ScriptedSink) => {
    const storage = disk.storage();
    await storage.open();
    const rig = new Rig({ timeout: 0, retry_on_failure: undefined, sending_queue: settings }, sink);
    const store = new DurableQueue({
      queue: () => storage.queue('otlp/logs'),
      form: shipmentForm,
      residentBytesMax: Infinity,
    });
    const delivery = new QueuedDelivery({ ...rig.options, queue: settings, batching: undefined, store });
    await delivery.start();
    return { rig, delivery, storage };
  };
  const stuck = new ScriptedSink(take, () => new Promise(() => {}));
  const first = await open(stuck);
  expect(first.delivery.guarantee).toBe('safe');
  for (let id = 1; id <= 5; id++) await first.delivery.consume(first.rig.cargo.shipment([id]));
  await first.rig.clock.settle();
  await first.storage.flush();
  expect(stuck.calls).toEqual([[1], [2]]);
  disk.disk.crash();

  const sink = new ScriptedSink();
  const second = await open(sink);
  await second.rig.clock.settle();
  await second.delivery.consume(second.rig.cargo.shipment([6]));
  expect(await second.delivery.shutdown({ deadlineMs: second.rig.clock.monotonic() + 1000 })).toEqual({ leftItems: 0 });
  expect(sink.arrived).toEqual([[2], [3], [4], [5], [6]]);
  await second.storage.close();
});
