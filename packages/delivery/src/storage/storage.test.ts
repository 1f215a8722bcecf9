import type { DeliveryError } from '@millrace/api';
import { expect, test } from 'vitest';
import { failure } from './testing/failure.ts';
import { CrashScenario } from './testing/crash-scenario.ts';
import { append, DIRECTORY, idOf, readAll, StorageRig } from './testing/storage-rig.ts';

test('whoever appends while a sync is under way shares the next one, and is told after it, in order', async () => {
  const rig = new StorageRig({ segmentBytes: 1024 * 1024 });
  const storage = rig.storage();
  await storage.open();
  const queue = storage.queue('q');
  await append(queue, 1);
  const log: string[] = [];
  rig.disk.fault = ({ name }) => {
    if (name === 'sync') log.push('sync');
    return undefined;
  };
  const waiters = Array.from({ length: 100 }, (_, index) => append(queue, 2 + index).then(() => log.push('told')));
  await Promise.all(waiters);
  expect(log).toEqual(['sync', ...Array.from({ length: 100 }, () => 'told')]);
  expect(await readAll(queue)).toEqual(Array.from({ length: 101 }, (_, index) => index + 1));
});

test('a flush, and a close, come to an end while others go on appending', async () => {
  const storage = new StorageRig({ segmentBytes: 64 * 1024 }).storage();
  await storage.open();
  const queue = storage.queue('q');
  const appending = (async () => {
    for (let id = 1; ; id++) await append(queue, id);
  })().catch((error: DeliveryError) => error.code);
  for (let count = 0; count < 20; count++) {
    const entry = await queue.read();
    if (entry !== undefined) queue.done(entry.sequence);
    await storage.flush();
  }
  expect(storage.stats.unmarked).toBe(0);
  await storage.close();
  expect(await appending).toBe('SHUTDOWN');
});

test('the crash test has teeth: without fsync it finds what is lost', async () => {
  const faults: string[] = [];
  for (let seed = 1; seed <= 20; seed++) {
    const scenario = new CrashScenario({ seed, lives: 3, acts: 40, encrypted: false, errors: false, fsync: false });
    faults.push(...(await scenario.play()));
  }
  expect(faults.some((fault) => fault.includes('was acknowledged and is lost'))).toBe(true);
});

test('a failed sync is not tried again: what waited is refused, and later data goes to another segment', async () => {
  const rig = new StorageRig();
  const storage = rig.storage();
  await storage.open();
  const queue = storage.queue('q');
  await append(queue, 1);
  let failing = true;
  rig.disk.fault = ({ name }) => {
    if (name !== 'sync' || !failing) return undefined;
    failing = false;
    return 'EIO';
  };
  const error = await failure(append(queue, 2));
  expect(error).toMatchObject({ code: 'STORAGE_FAILED', retryable: true, retryAfterMs: 1000 });
  const { operations } = rig.disk;
  expect(await failure(append(queue, 3))).toBe(error);
  expect(rig.disk.operations - operations, 'the disk is left alone for a while').toBeLessThan(3);
  await rig.clock.advance(1000);
  await append(queue, 4);
  expect(rig.disk.files.filter((file) => file.endsWith('.seg')).length).toBe(2);
  rig.disk.crash();
  const next = rig.storage();
  await next.open();
  expect(await readAll(next.queue('q'))).toEqual([1, 4]);
});

test('the quota refuses new entries, never marks, and takes entries again when room was freed', async () => {
  const rig = new StorageRig({ bytesMax: 5 * 16 * 1024 });
  const storage = rig.storage();
  await storage.open();
  const queue = storage.queue('q');
  let id = 0;
  let error: DeliveryError | undefined;
  while (error === undefined) {
    id += 1;
    error = await append(queue, id, 3000).then(
      () => undefined,
      (reason: unknown) => reason as DeliveryError,
    );
  }
  expect(error).toMatchObject({ code: 'STORAGE_FULL', retryable: true, retryAfterMs: 1000 });
  expect(error.message).toMatch(/uses \d+ of the 81920 bytes/);
  expect(storage.stats.bytes).toBeLessThanOrEqual(5 * 16 * 1024);
  expect(id).toBeGreaterThan(15);
  await storage.state('plugin').set('checkpoint', Buffer.from('1'));
  for (let done = 0; done < 8; done++) queue.done((await queue.read())!.sequence);
  await storage.clean();
  await append(queue, 1000, 3000);
  await storage.close();
  const next = rig.storage();
  await next.open();
  const expected = Array.from({ length: id - 9 }, (_, index) => index + 9);
  expect(await readAll(next.queue('q'))).toEqual([...expected, 1000]);
});

test('room that is kept free on the disk is not used, and a full disk refuses without harm', async () => {
  const rig = new StorageRig({ freeBytesMin: 100_000 }, { capacityBytes: 200_000 });
  const storage = rig.storage();
  await storage.open();
  const queue = storage.queue('q');
  let id = 0;
  let error: DeliveryError | undefined;
  while (error === undefined) {
    id += 1;
    error = await append(queue, id, 3000)
      .catch((reason: unknown) => reason as DeliveryError)
      .then((result) => (typeof result === 'number' ? undefined : result));
  }
  expect(error.code).toBe('STORAGE_FULL');
  expect(await rig.disk.freeBytes(DIRECTORY)).toBeGreaterThanOrEqual(100_000);
  // Somebody else takes the rest, and more.
  rig.disk.capacityBytes = 0;
  await rig.clock.advance(1000);
  expect((await failure(append(queue, 500, 3000))).code).toBe('STORAGE_FULL');
  rig.disk.capacityBytes = Infinity;
  await rig.clock.advance(1000);
  await append(queue, 501, 3000);
  expect((await readAll(queue)).at(-1)).toBe(501);
});

test('a payload larger than a segment gets one of its own, in its place in the order', async () => {
  const rig = new StorageRig();
  const storage = rig.storage();
  await storage.open();
  const queue = storage.queue('q');
  await Promise.all([append(queue, 1), append(queue, 2, 100_000), append(queue, 3), append(queue, 4, 16_384)]);
  rig.disk.crash();
  const next = rig.storage();
  await next.open();
  const again = next.queue('q');
  expect(await readAll(again)).toEqual([1, 2, 3, 4]);
});

test('a queue that stands still does not keep the segments of one that moves', async () => {
  const rig = new StorageRig();
  const storage = rig.storage();
  await storage.open();
  const still = storage.queue('still');
  const moving = storage.queue('moving');
  for (let id = 1; id <= 2000; id++) {
    if (id % 50 === 0) await append(still, id, 200);
    await append(moving, id, 1000);
    moving.done((await moving.read())!.sequence);
  }
  await storage.clean();
  // 40 entries of some 250 bytes; without compaction they would sit in 130 segments.
  expect(storage.stats.segments).toBeLessThan(12);
  rig.disk.crash();
  const next = rig.storage();
  await next.open();
  expect(await readAll(next.queue('still'))).toEqual(Array.from({ length: 40 }, (_, index) => (index + 1) * 50));
  expect((await readAll(next.queue('moving'))).length).toBe(0);
});

test('state is read as it was written, through crashes and compaction, and deleted keys stay deleted', async () => {
  const rig = new StorageRig();
  let storage = rig.storage();
  await storage.open();
  let state = storage.state('receiver/file');
  await state.set('kept', Buffer.from('first'));
  await state.set('gone', Buffer.from('x'));
  await state.delete('gone');
  const queue = storage.queue('q');
  for (let id = 1; id <= 300; id++) {
    await append(queue, id, 1000);
    queue.done((await queue.read())!.sequence);
    if (id % 10 === 0) await state.set('offset', Buffer.from(String(id)));
  }
  await storage.clean();
  expect(storage.stats.segments).toBeLessThan(10);
  for (let restart = 0; restart < 3; restart++) {
    rig.disk.crash();
    storage = rig.storage();
    await storage.open();
    state = storage.state('receiver/file');
    expect(state.keys()).toEqual(['kept', 'offset']);
    expect(Buffer.from(state.get('offset')!).toString()).toBe('300');
    expect(state.get('gone')).toBeUndefined();
    expect(storage.state('other').keys()).toEqual([]);
    await storage.clean();
  }
});

test('a queue that is opened again hands out again what is not done, in order', async () => {
  const storage = new StorageRig().storage();
  await storage.open();
  const queue = storage.queue('q');
  for (let id = 1; id <= 6; id++) await append(queue, id);
  const sequences: number[] = [];
  for (let read = 0; read < 4; read++) sequences.push((await queue.read())!.sequence);
  queue.done(sequences[1]);
  expect(() => storage.queue('q')).toThrow(/is open already/);
  queue.release();
  expect(await readAll(storage.queue('q'))).toEqual([1, 3, 4, 5, 6]);
});

test('payloads of odd sizes and parts come back as they were', async () => {
  const storage = new StorageRig({ segmentBytes: 8 * 1024 * 1024 }).storage();
  await storage.open();
  const queue = storage.queue('q');
  const sizes = [24, 25, 16_383, 16_384, 16_385, 70_000, 300_000, 1_100_000, 1_048_576 - 44];
  await Promise.all(sizes.map((size, index) => append(queue, index + 1, size)));
  for (let index = 0; index < sizes.length; index++) {
    const entry = await queue.read();
    expect([idOf(entry!.data), entry!.data.length]).toEqual([index + 1, sizes[index]]);
  }
});
