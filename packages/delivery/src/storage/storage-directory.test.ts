import { ComponentError } from '@millrace/api';
import { expect, test } from 'vitest';
import { failure } from './testing/failure.ts';
import { append, DIRECTORY, StorageRig } from './testing/storage-rig.ts';

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
