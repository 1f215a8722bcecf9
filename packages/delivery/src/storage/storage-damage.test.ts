import { beforeAll, expect, test } from 'vitest';
import { SeededRandom } from './simulation/seeded-random.ts';
import { append, DIRECTORY, readAll, StorageRig } from './testing/storage-rig.ts';

const ENTRIES = 24;
let files: Map<string, Buffer>;

/** A small directory as a crash leaves it: entries 1 to 24, of which the odd ones are done, over three segments. */
async function smallStore(keys: readonly Uint8Array[] = []): Promise<Map<string, Buffer>> {
  const rig = new StorageRig({ segmentBytes: 4096 + 2000, keys });
  const storage = rig.storage();
  await storage.open();
  const queue = storage.queue('q');
  for (let id = 1; id <= ENTRIES; id++) {
    await append(queue, id, 64);
    const entry = await queue.read();
    if (id % 2 === 1) queue.done(entry!.sequence);
  }
  await storage.state('plugin').set('offset', Buffer.from('42'));
  await storage.flush();
  const { disk } = rig;
  return new Map(disk.files.map((file) => [file, Buffer.from(disk.inode(file).content)]));
}

function rigWith(content: ReadonlyMap<string, Buffer>): StorageRig {
  const rig = new StorageRig({ segmentBytes: 4096 + 2000 });
  for (const [file, bytes] of content) rig.disk.put(file, bytes);
  return rig;
}

interface Opened {
  readonly ids: readonly number[];
  /** Damaged parts, and ends of the log that did not check. */
  readonly quarantined: number;
  readonly torn: number;
}

/** What comes out, twice: the second start must find what the first one left. Damage must not fail a start. */
async function open(rig: StorageRig, starts = 2): Promise<Opened> {
  const results: Opened[] = [];
  for (let start = 0; start < starts; start++) {
    const storage = rig.storage();
    const opening = storage.open();
    // Whose lock it is cannot be read: it is watched for a while.
    await Promise.race([opening, rig.clock.settle().then(() => rig.clock.advance(20_000))]);
    await opening;
    const ids = await readAll(storage.queue('q'));
    const { quarantined, torn } = storage.stats;
    const told = rig.lines.filter(({ level }) => level === 'error' || level === 'warn').length;
    if (quarantined + torn > 0) expect(told).toBeGreaterThan(0);
    results.push({ ids, quarantined, torn });
    await storage.close();
  }
  if (starts > 1) {
    expect(results[1].ids).toEqual(results[0].ids);
    expect(results[1].quarantined + results[1].torn, 'damage is reported once').toBe(0);
  }
  return results[0];
}

/** Undone entries of the small store. */
const undone = Array.from({ length: ENTRIES / 2 }, (_, index) => 2 * index + 2);

beforeAll(async () => {
  files = await smallStore();
});

test('the small store is what these tests take it for', async () => {
  const result = await open(rigWith(files));
  expect(result).toEqual({ ids: undone, quarantined: 0, torn: 0 });
  expect([...files.keys()].filter((file) => file.endsWith('.seg')).length).toBeGreaterThan(1);
});

test('with any file cut off at any length it starts, delivers what is whole, in order, and nothing else', async () => {
  for (const [file, content] of files) {
    for (let length = 0; length < content.length; length++) {
      const rig = rigWith(new Map([...files, [file, content.subarray(0, length)]]));
      const result = await open(rig, length % 8 === 0 ? 2 : 1);
      const what = `${file} cut to ${length}`;
      expectWithin(result.ids, what);
      // Only one segment is cut: everything in the others is still there.
      if (!file.endsWith('.seg')) expect(result.ids, what).toEqual(undone);
      else expect(undone.filter((id) => !result.ids.includes(id)).length, what).toBeLessThanOrEqual(ENTRIES / 2);
    }
  }
}, 120_000);

test('with any file gone it starts and delivers the rest', async () => {
  for (const file of files.keys()) {
    const rest = new Map(files);
    rest.delete(file);
    const result = await open(rigWith(rest));
    expectWithin(result.ids, `without ${file}`);
  }
});

test('with a bit flipped in any byte of any file it starts, all other entries are delivered, and it is told', async () => {
  const random = new SeededRandom(11);
  for (const [file, content] of files) {
    if (file.endsWith('.new')) continue;
    const isSegment = file.endsWith('.seg');
    for (let position = 0; position < content.length; position++) {
      // Most of the room for a segment's header is empty: some of that must do.
      const isRoom = isSegment && position < 4096 && content[position] === 0;
      if (isRoom && position % 29 !== 0) continue;
      const rig = rigWith(files);
      rig.disk.inode(file).flip(position, random.below(8));
      const { ids, quarantined, torn } = await open(rig, position % 8 === 0 ? 2 : 1);
      const what = `${file} flipped at ${position}`;
      expectWithin(ids, what);
      // A flip costs one entry, or brings back what one mark had ended.
      expect(undone.filter((id) => !ids.includes(id)).length, what).toBeLessThanOrEqual(isSegment ? 1 : 0);
      // The header of a segment is there twice; and of the directory's, the name of its checksum says nothing.
      const isCopied = isSegment && position < 4096;
      const isName = file.endsWith('.json') && content.indexOf('crc32') <= position;
      if (isCopied || isName) expect(ids, what).toEqual(undone);
      else if (!(isSegment && isAfterTheLast(content, position))) expect(quarantined + torn, what).toBe(1);
    }
  }
}, 120_000);

/** Room behind the last record of a segment. */
function isAfterTheLast(content: Buffer, position: number): boolean {
  return content.subarray(position).every((byte) => byte === 0);
}

test('a header of which neither the id nor the name of its checksum is left does not make the segments foreign', async () => {
  const name = `${DIRECTORY}/millrace-storage.json`;
  const text = files.get(name)!.toString();
  const spoilt = text
    .replace('crc32', 'crc12')
    .replace(/"store":"./, (start) => `${start.slice(0, -1)}${start.endsWith('0') ? '1' : '0'}`);
  expect(spoilt).not.toBe(text);
  const { ids, quarantined } = await open(rigWith(new Map([...files, [name, Buffer.from(spoilt)]])));
  expect(ids).toEqual(undone);
  expect(quarantined).toBe(1);
});

test('where the header is damaged and the disk does not read, the start fails rather than to begin another store', async () => {
  const rig = rigWith(files);
  rig.disk.inode(`${DIRECTORY}/millrace-storage.json`).flip(60, 1);
  rig.disk.fault = ({ name, path }) => (name === 'read' && path.endsWith('.seg') ? 'EIO' : undefined);
  await expect(rig.storage().open()).rejects.toMatchObject({ code: 'STORAGE_UNUSABLE' });
  rig.disk.fault = () => undefined;
  expect((await open(rig)).ids).toEqual(undone);
});

test('with many flipped bits at once it starts, and delivers only what checks', async () => {
  const random = new SeededRandom(12);
  for (let round = 0; round < 300; round++) {
    const rig = rigWith(files);
    for (let flip = 0; flip < 60; flip++) {
      const names = [...files.keys()].filter((file) => file.endsWith('.seg'));
      const inode = rig.disk.inode(names[random.below(names.length)]);
      inode.flip(random.below(inode.length), random.below(8));
    }
    const result = await open(rig);
    expectWithin(result.ids, `round ${round}`);
  }
});

test('flipped bits in an encrypted store never come out either', async () => {
  const key = new SeededRandom(5).bytes(32);
  const sealed = await smallStore([key]);
  const random = new SeededRandom(13);
  for (let round = 0; round < 400; round++) {
    const rig = new StorageRig({ keys: [key] });
    for (const [file, bytes] of sealed) rig.disk.put(file, bytes);
    const names = [...sealed.keys()].filter((file) => file.endsWith('.seg'));
    const inode = rig.disk.inode(names[random.below(names.length)]);
    inode.flip(random.below(inode.length), random.below(8));
    const result = await open(rig);
    expectWithin(result.ids, `round ${round}`);
  }
});

test('a damaged part is put aside with a report that says what, where and why', async () => {
  const rig = rigWith(files);
  const segment = `${DIRECTORY}/00000001.seg`;
  rig.disk.inode(segment).flip(4096 + 70, 3);
  const storage = rig.storage();
  const { quarantined } = await storage.open();
  expect(quarantined).toEqual([
    {
      file: '00000001.seg',
      offset: 4096,
      bytes: 44 + 1 + 2 + 64,
      reason: 'payload does not match its checksum',
      copy: 'quarantine/00000001-4096.bad',
    },
  ]);
  const copy = rig.disk.inode(`${DIRECTORY}/quarantine/00000001-4096.bad`).content;
  expect(copy.length).toBe(111);
  const json = rig.disk.inode(`${DIRECTORY}/quarantine/00000001-4096.bad.json`).content.toString();
  expect(JSON.parse(json)).toEqual(quarantined[0]);
  expect(storage.stats.quarantined).toBe(1);
  expect(rig.lines.map(({ message }) => message)).toContain('a damaged part of the storage was put aside');
});

test('a part that becomes damaged after the start is put aside when it is read, and the next entry is delivered', async () => {
  const rig = rigWith(files);
  const storage = rig.storage();
  await storage.open();
  const queue = storage.queue('q');
  // Entry 2, the first that is not done.
  rig.disk.inode(`${DIRECTORY}/00000001.seg`).flip(4096 + 111 + 80, 1);
  expect(await readAll(queue)).toEqual(undone.slice(1));
  expect(storage.stats).toMatchObject({ unreadable: 1, quarantined: 1 });
});

test('an entry that the disk fails to read stays, and comes after the next start', async () => {
  const rig = rigWith(files);
  const storage = rig.storage();
  await storage.open();
  let failing = true;
  rig.disk.fault = ({ name }) => {
    if (name !== 'read' || !failing) return undefined;
    failing = false;
    return 'EIO';
  };
  const queue = storage.queue('q');
  expect(await readAll(queue)).toEqual(undone.slice(1));
  await storage.close();
  const again = rig.storage();
  await again.open();
  expect(await readAll(again.queue('q'))).toEqual(undone);
});

test('a segment that the disk fails to read at the start is left alone, and the others are delivered', async () => {
  const rig = rigWith(files);
  const before = Buffer.from(rig.disk.inode(`${DIRECTORY}/00000002.seg`).content);
  rig.disk.fault = ({ name, path }) => (name === 'read' && path.endsWith('00000002.seg') ? 'EIO' : undefined);
  const storage = rig.storage();
  const { unreadable } = await storage.open();
  expect(unreadable).toEqual(['00000002.seg']);
  const ids = await readAll(storage.queue('q'));
  expect(ids.length).toBeGreaterThan(6);
  await storage.close();
  expect(rig.disk.inode(`${DIRECTORY}/00000002.seg`).content.equals(before)).toBe(true);
});

test('what is stored while a segment cannot be read is never taken for what is in that one, encrypted or not', async () => {
  const key = new SeededRandom(5).bytes(32);
  for (const keys of [[], [key]]) {
    const content = await smallStore(keys);
    for (const name of content.keys()) {
      if (!name.endsWith('.seg')) continue;
      for (const failing of [1, 2]) {
        const rig = new StorageRig({ segmentBytes: 4096 + 2000, keys });
        for (const [file, bytes] of content) rig.disk.put(file, bytes);
        let reads = 0;
        rig.disk.fault = (operation) =>
          operation.name === 'read' && operation.path === name && ++reads === failing ? 'EIO' : undefined;
        const storage = rig.storage();
        expect((await storage.open()).unreadable).toHaveLength(1);
        const queue = storage.queue('q');
        for (let id = 101; id <= 140; id++) await append(queue, id, 64);
        await storage.close();
        rig.disk.fault = () => undefined;
        const { ids } = await open(rig);
        const added = Array.from({ length: 40 }, (_, index) => 101 + index);
        expect(
          ids.toSorted((a, b) => a - b),
          `${name}, ${failing}`,
        ).toEqual([...undone, ...added]);
      }
    }
  }
});

test('records inside somebody’s payload, or in a copy of a segment, are never taken for the store’s own', async () => {
  const rig = rigWith(files);
  const first = rig.storage();
  await first.open();
  const segment = files.get(`${DIRECTORY}/00000002.seg`)!;
  const queue = first.queue('q');
  await queue.append({ meta: Buffer.from('m'), data: [segment.subarray(4096)], items: 1 });
  await first.close();
  const newest = rig.disk.files.findLast((file) => file.endsWith('.seg'))!;
  // The record's own header is damaged: the search goes on inside its payload.
  rig.disk.inode(newest).flip(4096 + 10, 0);
  rig.disk.put(`${DIRECTORY}/00000077.seg`, segment);
  const second = rig.storage();
  const report = await second.open();
  expect(report.foreign).toEqual(['00000077.seg']);
  expect(await readAll(second.queue('q'))).toEqual(undone);
});

/** In order, no strangers, none twice. */
function expectWithin(ids: readonly number[], what: string): void {
  expect(ids, what).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
  expect(
    ids.every((id) => id >= 1 && id <= ENTRIES),
    what,
  ).toBe(true);
}
