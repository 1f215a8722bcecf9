import type { Batch } from '@millrace/api';
import { retryable } from '@millrace/api';
import { ManualClock, RecordingLogger } from '@millrace/testkit';
import { expect, test } from 'vitest';
import type { Stored } from '../queue-store.ts';
import { QueuedDelivery } from '../queued-delivery.ts';
import type { SendingQueueSettings } from '../settings.ts';
import type { Load, Shipment } from '../shipment.ts';
import { Cargo, fail, hang, idsOf, ScriptedSink, take } from '../testing/cargo.ts';
import type { Act } from '../testing/cargo.ts';
import { queueOf, Rig, watch } from '../testing/rig.ts';
import { DurableQueue, batchForm, shipmentForm } from './durable-queue.ts';
import type { DurableQueueOptions } from './durable-queue.ts';
import type { QueueLog } from './queue-log.ts';
import { StorageRig } from './testing/storage-rig.ts';

/** In memory: `residentBytesMax` bytes; strictly in order unless the test says otherwise. */
function storeOf(queue: () => QueueLog, changes: Partial<DurableQueueOptions<Shipment>> = {}): DurableQueue<Shipment> {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  return new DurableQueue({
    queue,
    form: shipmentForm,
    residentBytesMax: 0,
    backlogShare: 1,
    clock,
    logger,
    ...changes,
  });
}

async function load<T extends Load>(store: DurableQueue<T>): Promise<Stored<T>> {
  const stored = await store.read();
  if ('kept' in stored) throw new Error('unreadable');
  return stored;
}

test('a load comes back with its signal, items, context and bytes', async () => {
  const rig = new StorageRig();
  const context = { address: '10.0.0.1', metadata: { tenant: ['a', 'b'] } };
  const storage = rig.storage();
  await storage.open();
  const cargo = new Cargo();
  const batches = { form: batchForm } as unknown as Partial<DurableQueueOptions<Shipment>>;
  const store = storeOf(() => storage.queue('q'), batches) as unknown as DurableQueue<Batch>;
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
  const again = storeOf(() => next.queue('q'), batches) as unknown as DurableQueue<Batch>;
  expect(await again.open()).toEqual({ requests: 1, items: 3, bytes: 12 });
  const stored = await load(again);
  expect(stored.load).toMatchObject({ signal: 'logs', items: 3, bytes: 12, context });
  expect(idsOf(stored.load.chunks[0])).toEqual([1, 2, 3]);
});

test('loads are handed out in order, wherever they are, and memory holds only so many bytes of them', async () => {
  const storage = new StorageRig().storage();
  await storage.open();
  const cargo = new Cargo();
  const store = storeOf(() => storage.queue('q'), { residentBytesMax: 16 });
  await store.open();
  for (let id = 1; id <= 10; id++) await store.append(cargo.shipment([id]));
  expect(cargo.held.size).toBe(4);
  const seen: number[] = [];
  for (let id = 1; id <= 10; id++) {
    const stored = await load(store);
    seen.push(...idsOf(stored.load.payload));
    if (cargo.held.has(stored.load)) stored.load.release();
    store.done(stored.sequence);
  }
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  await store.close();
  expect([...cargo.held]).toEqual([]);
  expect(cargo.faults).toEqual([]);
});

test.each([
  [0.25, [8, 9, 10, 1, 11, 12, 13, 2, 14, 15, 3, 4, 5, 6, 7]],
  [0.5, [8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15]],
  [0, [8, 9, 10, 11, 12, 13, 14, 15, 1, 2, 3, 4, 5, 6, 7]],
])('what is fresh goes first, and the backlog has its share of %f, in order', async (backlogShare, order) => {
  const storage = new StorageRig().storage();
  await storage.open();
  const cargo = new Cargo();
  const store = storeOf(() => storage.queue('q'), { residentBytesMax: 32, backlogShare });
  await store.open();
  // Loads of 4 bytes: 8 of 15 stay in memory.
  for (let id = 1; id <= 15; id++) await store.append(cargo.shipment([id]));
  const seen: number[] = [];
  while (seen.length < 15) seen.push(...idsOf((await load(store)).load.payload));
  expect(seen).toEqual(order);
});

test('what is damaged is reported, once, and what comes after it is read', async () => {
  const rig = new StorageRig();
  const storage = rig.storage();
  await storage.open();
  const cargo = new Cargo();
  const store = storeOf(() => storage.queue('q'));
  await store.open();
  for (let id = 1; id <= 3; id++) await store.append(cargo.shipment([id]));
  rig.disk.inode('/var/store/00000001.seg').flip(4096 + 50, 0);
  expect(await store.read()).toEqual({ sequence: 1, load: undefined, items: 1, bytes: 4, kept: false });
  expect(idsOf((await load(store)).load.payload)).toEqual([2]);
  expect(idsOf((await load(store)).load.payload)).toEqual([3]);
  expect(storage.stats).toMatchObject({ quarantined: 1, unreadable: 1 });
});

test('a backlog waits for memory, and what was kept for speed gives way', async () => {
  const storage = new StorageRig().storage();
  await storage.open();
  const cargo = new Cargo();
  const clock = new ManualClock();
  let memory = false;
  const make = (stored: Parameters<typeof shipmentForm.make>[0]) => {
    if (!memory) throw retryable('no memory', { code: 'MEMORY_BUDGET' });
    return shipmentForm.make(stored);
  };
  const store = storeOf(() => storage.queue('q'), { form: { ...shipmentForm, make }, residentBytesMax: 8, clock });
  await store.open();
  for (let id = 1; id <= 4; id++) await store.append(cargo.shipment([id]));
  const reading = watch(store.read());
  for (let round = 0; round < 20; round++) await clock.advance(100);
  expect(reading.state).toBe('pending');
  expect(cargo.held.size, 'loads kept in memory').toBe(0);
  memory = true;
  for (let round = 0; round < 5; round++) await clock.advance(100);
  expect(reading.state).toBe('resolved');
  await store.close();
  await storage.close();
});

/** A sending queue on the disk of a rig, in a process of its own. */
async function deliveryOn(disk: StorageRig, acts: readonly Act[] = [], queue: Partial<SendingQueueSettings> = {}) {
  const settings = queueOf({ num_consumers: 1, queue_size: 100, ...queue });
  const sink = new ScriptedSink(...acts);
  const storage = disk.storage();
  await storage.open();
  const rig = new Rig({ timeout: 0, retry_on_failure: undefined, sending_queue: settings }, sink);
  const store = storeOf(() => storage.queue('otlp/logs'), { backlogShare: 0.25, residentBytesMax: 8 });
  const delivery = new QueuedDelivery({ ...rig.options, queue: settings, batching: undefined, store });
  await delivery.start();
  return { rig, delivery, storage, sink };
}

test('what a crash interrupted is delivered by the next process, in order, fresh data first', async () => {
  const disk = new StorageRig();
  const first = await deliveryOn(disk, [take, () => new Promise(() => {})]);
  expect(first.delivery.guarantee).toBe('safe');
  for (let id = 1; id <= 5; id++) await first.delivery.consume(first.rig.cargo.shipment([id]));
  await first.rig.clock.settle();
  await first.storage.flush();
  expect(first.sink.calls).toEqual([[1], [2]]);
  disk.disk.crash();

  const { rig, delivery, storage, sink } = await deliveryOn(disk, [() => rig.clock.settle()]);
  await rig.clock.settle();
  await delivery.consume(rig.cargo.shipment([6]));
  expect(await rig.shutdown(delivery)).toEqual({ leftItems: 0, keptItems: 0 });
  expect(sink.arrived[0]).toEqual([2]);
  expect(sink.arrived.flat().filter((id) => id < 6)).toEqual([2, 3, 4, 5]);
  expect(sink.arrived.flat().toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6]);
  await storage.close();
});

test('a shutdown with a dead destination keeps everything, after one last attempt and not one for each', async () => {
  const disk = new StorageRig();
  const down = retryable('down');
  const { rig, delivery, storage, sink } = await deliveryOn(disk, [hang, fail(down), fail(down), fail(down)]);
  for (let id = 1; id <= 9; id++) await delivery.consume(rig.cargo.shipment([id, 100 + id]));
  await rig.clock.settle();
  expect(await rig.shutdown(delivery)).toEqual({ leftItems: 0, keptItems: 18 });
  expect(sink.calls.length).toBeLessThanOrEqual(2);
  expect(rig.count('exporter_send_failed_log_records'), 'failed').toBe(0);
  expect([...rig.cargo.held]).toEqual([]);
  expect(rig.cargo.faults).toEqual([]);
  await storage.close();

  const next = await deliveryOn(disk);
  expect(await next.rig.shutdown(next.delivery)).toEqual({ leftItems: 0, keptItems: 0 });
  expect(next.sink.arrived).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((id) => [id, 100 + id]));
  await next.storage.close();
});

test('damage frees its room in the queue, is counted as failed, and holds nobody up', async () => {
  const disk = new StorageRig();
  const first = await deliveryOn(disk, [hang], { queue_size: 3 });
  for (let id = 1; id <= 3; id++) await first.delivery.consume(first.rig.cargo.shipment([id]));
  disk.disk.crash();
  disk.disk.inode('/var/store/00000001.seg').flip(4096 + 50, 0);

  const { rig, delivery, sink, storage } = await deliveryOn(disk, [], { queue_size: 3 });
  const lines = disk.lines.filter(({ message }) => message === 'a damaged part of the storage was put aside');
  expect(lines).toHaveLength(1);
  await rig.clock.settle();
  for (let id = 4; id <= 6; id++) await delivery.consume(rig.cargo.shipment([id]));
  expect(await rig.shutdown(delivery)).toEqual({ leftItems: 0, keptItems: 0 });
  expect(sink.arrived.flat().toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6]);
  await storage.close();
});

test('whoever holds the queue next has what a slow disk was still writing for the one before', async () => {
  const rig = new StorageRig();
  const storage = rig.storage();
  await storage.open();
  const cargo = new Cargo();
  const before = storeOf(() => storage.queue('q'), { residentBytesMax: 1_000 });
  await before.open();
  const { promise: until, resolve: goOn } = Promise.withResolvers<void>();
  rig.disk.fault = ({ name }) => (name === 'sync' ? { until } : undefined);
  const appended = before.append(cargo.shipment([1, 2]));
  const closed = watch(before.close());
  await rig.clock.settle();
  expect(closed.state).toBe('pending');
  goOn();
  await appended;
  await rig.clock.settle();
  expect(closed.state).toBe('resolved');
  expect(cargo.held.size).toBe(0);
  const after = storeOf(() => storage.queue('q'), { residentBytesMax: 1_000 });
  expect(await after.open()).toMatchObject({ requests: 1, items: 2 });
  expect(idsOf((await load(after)).load.payload)).toEqual([1, 2]);
});
