import { ComponentError } from '@millrace/api';
import { expect, test } from 'vitest';
import { append, DIRECTORY, FakeProcesses, idOf, readAll, StorageRig } from '../testing/storage-rig.ts';
import { dropQueue, exportDirectory, inspectDirectory, peekQueue, repairDirectory } from './directory-tools.ts';
import type { ToolOptions } from './directory-tools.ts';

/** Queue `a` holds 1 to 10, of which 1 to 3 are done; `b` holds one. */
async function stopped(): Promise<{ rig: StorageRig; options: ToolOptions }> {
  const rig = new StorageRig();
  const storage = rig.storage();
  await storage.open();
  const queue = storage.queue('otlp/a');
  for (let id = 1; id <= 10; id++) await append(queue, id, 100);
  for (let done = 0; done < 3; done++) queue.done((await queue.read())!.sequence);
  const other = storage.queue('b');
  await other.append({ meta: Buffer.from('{"signal":"logs"}'), data: [Buffer.from('hello')], items: 7 });
  await storage.state('plugin').set('offset', Buffer.from('1'));
  await storage.close();
  return { rig, options: optionsFor(rig) };
}

function optionsFor(rig: StorageRig): ToolOptions {
  return {
    directory: DIRECTORY,
    keys: [],
    files: rig.disk.mount(),
    processes: new FakeProcesses(999, rig.running),
    clock: rig.clock,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    randomBytes: (count) => rig.disk.random.bytes(count),
  };
}

test('a directory is listed without being changed', async () => {
  const { rig, options } = await stopped();
  const before = rig.disk.files.map((file) => [file, rig.disk.inode(file).content.toString('hex')]);
  const { queues, state, report } = await inspectDirectory(options);
  expect(queues).toEqual([
    { name: 'otlp/a', requests: 7, items: 7, bytes: 700, firstSequence: 4, lastSequence: 10 },
    { name: 'b', requests: 1, items: 7, bytes: 5, firstSequence: 12, lastSequence: 12 },
  ]);
  expect(state).toEqual([{ namespace: 'plugin', keys: ['offset'] }]);
  expect(report).toMatchObject({ segments: 1, entries: 8, quarantined: [], tornBytes: 0 });
  expect(rig.disk.files.map((file) => [file, rig.disk.inode(file).content.toString('hex')])).toEqual(before);
});

test('entries are peeked at in order', async () => {
  const { options } = await stopped();
  const ids: number[] = [];
  for await (const { data } of peekQueue(options, 'otlp/a')) ids.push(idOf(data));
  expect(ids).toEqual([4, 5, 6, 7, 8, 9, 10]);
  for await (const entry of peekQueue(options, 'unknown')) expect(entry).toBeUndefined();
});

test('damage is found without being repaired, then repaired once', async () => {
  const { rig, options } = await stopped();
  rig.disk.inode(`${DIRECTORY}/00000001.seg`).flip(4096 + 44 + 20, 2);
  const found = { file: '00000001.seg', offset: 4096, reason: 'payload does not match its checksum' };
  for (let look = 0; look < 2; look++) {
    const { report } = await inspectDirectory(options);
    expect(report.quarantined).toMatchObject([{ ...found, copy: undefined }]);
  }
  expect((await repairDirectory(options)).quarantined).toMatchObject([
    { ...found, copy: 'quarantine/00000001-4096.bad' },
  ]);
  expect((await inspectDirectory(options)).report).toMatchObject({ quarantined: [], entries: 8 });
});

test('everything that waits is exported, with what is known of it', async () => {
  const { rig, options } = await stopped();
  const storage = rig.storage();
  await storage.open();
  const queue = storage.queue('otlp/a');
  while (queue.skip() !== undefined);
  await storage.close();
  expect(await dropQueue(options, 'otlp/a')).toBe(7);
  await options.files.makeDirectory('/out');
  expect(await exportDirectory(options, '/out')).toBe(1);
  expect(rig.disk.inode('/out/b/000000000012.bin').content.toString()).toBe('hello');
  expect(JSON.parse(rig.disk.inode('/out/b/000000000012.json').content.toString())).toEqual({
    queue: 'b',
    sequence: 12,
    items: 7,
    signal: 'logs',
  });
});

test('a dropped queue is empty afterwards, the others are not', async () => {
  const { rig, options } = await stopped();
  expect(await dropQueue(options, 'otlp/a')).toBe(7);
  const storage = rig.storage();
  await storage.open();
  expect(await readAll(storage.queue('otlp/a'))).toEqual([]);
  expect(storage.queue('b').unread).toBe(1);
});

test('a directory that is in use is not touched', async () => {
  const { rig, options } = await stopped();
  await rig.storage().open();
  rig.running.add(rig.lastPid);
  for (const act of [inspectDirectory, repairDirectory]) {
    const error: unknown = await act(options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ComponentError);
    expect((error as ComponentError).code).toBe('STORAGE_IN_USE');
  }
});

test('beside its owner, a directory is read as it is at that moment, and its owner is named', async () => {
  const { rig, options } = await stopped();
  const storage = rig.storage();
  await storage.open();
  rig.running.add(rig.lastPid);
  await append(storage.queue('otlp/a'), 11, 100);
  const beside = { ...options, besideOwner: true };
  const { owner, queues } = await inspectDirectory(beside);
  expect(owner).toMatchObject({ pid: rig.lastPid });
  expect(queues.find(({ name }) => name === 'otlp/a')).toMatchObject({ requests: 8 });
  const ids: number[] = [];
  for await (const { data } of peekQueue(beside, 'otlp/a')) ids.push(idOf(data));
  expect(ids).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  await storage.close();
});
