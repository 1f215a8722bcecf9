import { ComponentError, DeliveryError } from '@millrace/api';
import { expect, test } from 'vitest';
import { CrashScenario } from './testing/crash-scenario.ts';
import { append, DIRECTORY, idOf, readAll, StorageRig } from './testing/storage-rig.ts';

async function failure(promise: Promise<unknown>): Promise<ComponentError & DeliveryError> {
  return promise.then(
    () => {
      throw new Error('it should have failed');
    },
    (error: unknown) => error as ComponentError & DeliveryError,
  );
}

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

test('the second process is told who holds the directory; a dead one’s is taken over', async () => {
  const rig = new StorageRig();
  const first = rig.storage();
  await first.open();
  rig.running.add(rig.lastPid);
  const error = await failure(rig.storage().open());
  expect(error).toBeInstanceOf(ComponentError);
  expect(error.code).toBe('STORAGE_IN_USE');
  expect(error.message).toBe('the storage in /var/store is in use by process 101 on mill');
  rig.running.clear();
  const third = rig.storage();
  await third.open();
  // The one that lost its directory notices before it makes another segment.
  expect((await failure(append(first.queue('q'), 1))).code).toBe('STORAGE_FAILED');
  await third.close();
  expect(rig.disk.files).not.toContain(`${DIRECTORY}/LOCK`);
});

test('a process that can’t be seen holds the directory as long as it gives signs of life', async () => {
  let nowMs = 0;
  const rig = new StorageRig({}, { nowMs: () => nowMs });
  const other = rig.storage({}, 'elsewhere');
  await other.open();
  const theirs = rig.clock;
  const wait = async (beating: boolean): Promise<string> => {
    const result = rig
      .storage()
      .open()
      .then(
        () => 'open',
        (error: ComponentError) => error.code,
      );
    for (let second = 0; second < 20; second++) {
      nowMs += 1000;
      if (beating) await theirs.advance(1000);
      await rig.clock.advance(1000);
    }
    return result;
  };
  expect(await wait(true)).toBe('STORAGE_IN_USE');
  expect(await wait(false)).toBe('open');
});

test('of many that find a dead process’s lock at once, one gets the directory', async () => {
  let winners = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const rig = new StorageRig({}, { seed });
    const random = rig.disk.random;
    await rig.storage().open();
    rig.disk.fault = () => ({ turns: 1 + random.below(30) });
    const opened = await Promise.allSettled(
      Array.from({ length: 4 }, () => {
        const storage = rig.storage();
        rig.running.add(rig.lastPid);
        return storage.open();
      }),
    );
    expect(opened.filter(({ status }) => status === 'fulfilled').length, `seed ${seed}`).toBeLessThanOrEqual(1);
    winners += opened.filter(({ status }) => status === 'fulfilled').length;
  }
  expect(winners).toBeGreaterThan(10);
});

test('encrypted data is nowhere in the files, and comes back with the key, also after the key was changed', async () => {
  const [oldKey, newKey] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const rig = new StorageRig();
  const secret = Buffer.from('the customer’s address, twenty times over '.repeat(20));
  const first = rig.storage({ keys: [oldKey] });
  await first.open();
  const meta = Buffer.from('who sent it');
  await first.queue('q').append({ meta, data: [secret], items: 1 });
  await first.close();
  const second = rig.storage({ keys: [newKey, oldKey] });
  await second.open();
  await second.queue('q').append({ meta, data: [secret.subarray(0, 100), secret.subarray(100)], items: 1 });
  await second.state('s').set('path', secret);
  await second.close();
  for (const file of rig.disk.files) {
    for (const part of ['customer', 'who sent']) expect(rig.disk.inode(file).content.includes(part)).toBe(false);
  }
  const third = rig.storage({ keys: [newKey, oldKey] });
  await third.open();
  const queue = third.queue('q');
  for (let read = 0; read < 2; read++) {
    const entry = await queue.read();
    expect(Buffer.from(entry!.data).equals(secret)).toBe(true);
    expect(Buffer.from(entry!.meta).equals(meta)).toBe(true);
  }
  expect(Buffer.from(third.state('s').get('path')!).equals(secret)).toBe(true);
  await third.close();

  const wrong = await failure(rig.storage({ keys: [newKey] }).open());
  expect(wrong.code).toBe('STORAGE_KEY_WRONG');
  expect(wrong.message).toMatch(/00000001\.seg is encrypted with the key [0-9a-f]{16}, which is not configured/);
  expect((await failure(rig.storage().open())).code).toBe('STORAGE_KEY_WRONG');
  expect((await failure(rig.storage({ keys: [Buffer.alloc(16)] }).open())).code).toBe('STORAGE_KEY_INVALID');
});

test('the same payload is never encrypted to the same bytes, nor is an offset of a segment written twice', async () => {
  const key = Buffer.alloc(32, 7);
  const rig = new StorageRig({ keys: [key] });
  const seen = new Set<string>();
  for (let life = 0; life < 3; life++) {
    const storage = rig.storage();
    await storage.open();
    const queue = storage.queue('q');
    for (let count = 0; count < 20; count++) await append(queue, 1, 300);
    rig.disk.crash();
  }
  const random = rig.disk.files.filter((file) => file.endsWith('.seg'));
  for (const file of random) {
    const { content } = rig.disk.inode(file);
    const size = 44 + 1 + 2 + 300 + 16;
    for (let at = 4096; at + size <= content.length; at += size) seen.add(content.toString('hex', at + 45, at + 145));
  }
  expect(seen.size).toBeGreaterThanOrEqual(60);
});

test.for([
  ['EACCES', 'STORAGE_ACCESS'],
  ['EROFS', 'STORAGE_READ_ONLY'],
  ['ENOSPC', 'STORAGE_DISK_FULL'],
] as const)('when the directory can’t be used (%s) it says what to do', async ([code, expected]) => {
  const rig = new StorageRig();
  rig.disk.fault = ({ name, path }) => (name === 'open' && path.endsWith('.new') ? code : undefined);
  const error = await failure(rig.storage().open());
  expect(error).toBeInstanceOf(ComponentError);
  expect(error.code).toBe(expected);
  expect(error.remedy).toMatch(/\.$/);
});

test('a directory of a newer version, or none, is refused with what to do', async () => {
  const rig = new StorageRig();
  expect((await failure(rig.storage({ createDirectory: false }).open())).code).toBe('STORAGE_MISSING');
  const header = { format: 'millrace-storage', version: 2, store: '00'.repeat(16) };
  rig.disk.put(`${DIRECTORY}/millrace-storage.json`, Buffer.from(JSON.stringify(header)));
  const error = await failure(rig.storage().open());
  expect(error.code).toBe('STORAGE_NEWER');
  expect(error.remedy).toBe('Run the newer version, or name another directory.');
  expect(rig.disk.files, 'the lock is given back').not.toContain(`${DIRECTORY}/LOCK`);
});

test('foreign files are left alone and named', async () => {
  const rig = new StorageRig();
  for (const name of ['notes.txt', '1.seg', 'receiver_otlp_']) rig.disk.put(`${DIRECTORY}/${name}`, Buffer.from('hi'));
  const storage = rig.storage();
  expect((await storage.open()).foreign).toEqual(['1.seg', 'notes.txt', 'receiver_otlp_']);
  await append(storage.queue('q'), 1);
  await storage.close();
  expect(rig.disk.inode(`${DIRECTORY}/1.seg`).content.toString()).toBe('hi');
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
