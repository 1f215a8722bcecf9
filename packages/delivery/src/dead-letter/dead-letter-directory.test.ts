import { ManualClock } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';
import { SimulatedFileSystem } from '../storage/simulation/simulated-file-system.ts';
import type { SimulationOptions } from '../storage/simulation/simulated-file-system.ts';
import { FakeProcesses } from '../storage/testing/storage-rig.ts';
import { DeadLetterDirectory, type DeadLetterDirectoryOptions } from './dead-letter-directory.ts';
import { listDeadLetterFiles } from './dead-letter-files.ts';
import { checksumOf, deadLetterLine, headerOfLine, linesOf } from './dead-letter-line.ts';

const DIRECTORY = '/var/dead';

class Rig {
  readonly disk: SimulatedFileSystem;
  readonly running = new Set<number>();
  readonly errors: string[] = [];
  readonly clock = new ManualClock();
  droppedItems = 0;
  #pid = 100;

  constructor(simulation: Partial<SimulationOptions> = {}) {
    this.disk = new SimulatedFileSystem({ seed: 1, ...simulation });
  }

  /** A directory of a process of its own. */
  directory(changes: Partial<DeadLetterDirectoryOptions> = {}): DeadLetterDirectory {
    this.#pid += 1;
    return new DeadLetterDirectory({
      directory: DIRECTORY,
      bytesMax: 1024 * 1024,
      whenFull: 'refuse',
      files: this.disk.mount(),
      processes: new FakeProcesses(this.#pid, this.running),
      clock: this.clock,
      logger: { debug() {}, info() {}, warn() {}, error: (message) => void this.errors.push(message) },
      randomBytes: (count) => this.disk.random.bytes(count),
      onDropped: (items) => (this.droppedItems += items),
      ...changes,
    });
  }

  get lastPid(): number {
    return this.#pid;
  }

  /** Ids of all entries, in order; every line must be whole. */
  async ids(): Promise<number[]> {
    const files = this.disk.mount();
    const ids: number[] = [];
    for (const { name } of await listDeadLetterFiles(files, DIRECTORY)) {
      for await (const { line } of linesOf(files, `${DIRECTORY}/${name}`)) {
        const header = headerOfLine(line);
        const { id } = JSON.parse(Buffer.from(line).toString()) as { readonly id: number };
        expect(header?.crc32).toBe(checksumOf(Buffer.from(String(id))));
        ids.push(id);
      }
    }
    return ids;
  }

  /** Ids of the entries that check; a damaged line is passed over. */
  async idsThatCheck(): Promise<number[]> {
    const files = this.disk.mount();
    const ids: number[] = [];
    for (const { name } of await listDeadLetterFiles(files, DIRECTORY)) {
      for await (const { line } of linesOf(files, `${DIRECTORY}/${name}`)) {
        try {
          const { id } = JSON.parse(Buffer.from(line).toString()) as { readonly id: number };
          if (headerOfLine(line)?.crc32 === checksumOf(Buffer.from(String(id)))) ids.push(id);
        } catch {
          // Not readable: what reads it says so.
        }
      }
    }
    return ids;
  }
}

/** A line of about `bytes` bytes. */
function line(id: number, bytes = 300): Uint8Array {
  const header = {
    version: 1,
    component: 'exporter "otlp"',
    signal: 'logs',
    items: 2,
    reason: 'PERMANENT',
    message: 'braces } in { "texts" \\" do not end a header',
    attempts: 1,
    first_time: '',
    last_time: '',
    crc32: checksumOf(Buffer.from(String(id))),
  } as const;
  return deadLetterLine(header, Buffer.from(JSON.stringify({ id, filler: 'x'.repeat(Math.max(0, bytes - 250)) })));
}

describe('power cuts', () => {
  test('at any operation, leave what was acknowledged, whole, and nothing that is half', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const cutAt = 3 + (seed % 40);
      const rig = new Rig({ seed, fault: ({ index }) => (index === cutAt ? 'crash' : undefined) });
      const acknowledged: number[] = [];
      const first = rig.directory({ bytesMax: 4096 });
      const work = (async () => {
        await first.open();
        for (let id = 0; id < 12; id += 2) {
          const pair = [id, id + 1].map(async (each) => first.append(line(each)).then(() => acknowledged.push(each)));
          await Promise.allSettled(pair);
        }
      })();
      await Promise.race([work, rig.disk.crashed]);
      const second = rig.directory();
      await second.open();
      const ids = await rig.ids();
      expect(ids, `seed ${seed}`).toEqual(expect.arrayContaining(acknowledged));
      expect(new Set(ids).size).toBe(ids.length);
      await second.append(line(100));
      expect((await rig.ids()).at(-1)).toBe(100);
      await second.close();
    }
  });
});

test.each([1, 100, 70_000])(
  'half a line of a crash, of %i bytes, is put aside, so that every reader finds whole lines',
  async (bytes) => {
    const rig = new Rig();
    await rig.disk.mount().makeDirectory(DIRECTORY);
    const whole = Buffer.from(line(1));
    rig.disk.put(`${DIRECTORY}/dead-letter-000003.jsonl`, Buffer.concat([whole, Buffer.alloc(bytes, 0x7b)]));
    rig.disk.put(`${DIRECTORY}/dead-letter-000001.jsonl`, Buffer.alloc(bytes, 0x7b));
    const directory = rig.directory();
    await directory.open();
    expect(rig.disk.inode(`${DIRECTORY}/dead-letter-000003.jsonl`).content.equals(whole)).toBe(true);
    const copy = rig.disk.inode(`${DIRECTORY}/quarantine/dead-letter-000003.jsonl-${whole.length}.bad`).content;
    expect(copy).toEqual(Buffer.alloc(bytes, 0x7b));
    await directory.append(line(2));
    expect(await rig.ids()).toEqual([1, 2]);
    await directory.close();
  },
);

test('lines of which a crash left out a part are put aside, and whole ones behind them stay', async () => {
  const rig = new Rig();
  await rig.disk.mount().makeDirectory(DIRECTORY);
  const holed = Buffer.from(line(2, 3000));
  holed.fill(0, 512, 1024);
  const lines = [line(1), holed, line(3)];
  rig.disk.put(`${DIRECTORY}/dead-letter-000001.jsonl`, Buffer.concat(lines));
  const directory = rig.directory();
  await directory.open();
  await directory.append(line(4));
  expect(await rig.ids()).toEqual([1, 3, 4]);
  const copy = rig.disk.inode(`${DIRECTORY}/quarantine/dead-letter-000001.jsonl-${line(1).length}.bad`).content;
  expect(copy).toEqual(Buffer.concat(lines.slice(1)));
  await directory.close();
});

test('whichever byte is damaged, all other entries are still there, and the start does not fail', async () => {
  const rig = new Rig();
  const first = rig.directory();
  await first.open();
  for (let id = 1; id <= 3; id++) await first.append(line(id));
  const files = new Map(rig.disk.files.map((file) => [file, Buffer.from(rig.disk.inode(file).content)]));
  expect(files.size).toBe(2);
  for (const [name, content] of files) {
    for (let position = 0; position < content.length; position++) {
      const damaged = new Rig();
      await damaged.disk.mount().makeDirectory(DIRECTORY);
      for (const [file, bytes] of files) damaged.disk.put(file, bytes);
      damaged.disk.inode(name).flip(position, position % 8);
      const directory = damaged.directory();
      const opened = directory.open();
      for (let round = 0; round < 2; round++) await damaged.clock.advance(20_000);
      await opened;
      const ids = await damaged.idsThatCheck();
      const lost = [1, 2, 3].filter((id) => !ids.includes(id));
      // A line feed within a file is the end of one entry and the beginning of another.
      expect(lost.length, `${name} at ${position}`).toBeLessThanOrEqual(content[position] === 0x0a ? 2 : 1);
      await directory.close();
    }
  }
});

describe('a disk that fails', () => {
  test.each(['EIO', 'ENOSPC', 'short'] as const)(
    'with %s refuses, and takes what comes when it works',
    async (fault) => {
      let isFailing = false;
      const rig = new Rig({
        fault: ({ name }) => (isFailing && (name === 'write' || name === 'sync') ? fault : undefined),
      });
      const directory = rig.directory();
      await directory.open();
      await directory.append(line(1));
      isFailing = true;
      const refused = { code: 'DEAD_LETTER_FAILED', retryable: true };
      await expect(directory.append(line(2))).rejects.toMatchObject(refused);
      isFailing = false;
      await directory.append(line(3));
      await directory.close();
      expect(await rig.ids()).toEqual(expect.arrayContaining([1, 3]));
      const again = rig.directory();
      await again.open();
      await again.close();
      expect(await rig.ids()).not.toContain(2);
    },
  );
});

describe('the bound', () => {
  test('refuses until somebody deletes files', async () => {
    const rig = new Rig();
    const directory = rig.directory({ bytesMax: 2000 });
    await directory.open();
    const taken: number[] = [];
    for (let id = 0; id < 20; id++) {
      await directory.append(line(id)).then(
        () => taken.push(id),
        (error: unknown) => expect(error).toMatchObject({ code: 'DEAD_LETTER_FULL', retryable: true }),
      );
    }
    expect(taken.length).toBeGreaterThan(2);
    expect(directory.bytes).toBeLessThanOrEqual(2000);
    expect(await rig.ids()).toEqual(taken);
    const [oldest] = await listDeadLetterFiles(rig.disk.mount(), DIRECTORY);
    await rig.disk.mount().unlink(`${DIRECTORY}/${oldest.name}`);
    await directory.append(line(50));
    await directory.close();
  });

  test('or drops the oldest file, and counts its items', async () => {
    const rig = new Rig();
    const directory = rig.directory({ bytesMax: 2000, whenFull: 'drop_oldest' });
    await directory.open();
    for (let id = 0; id < 20; id++) await directory.append(line(id));
    const ids = await rig.ids();
    expect(ids.at(-1)).toBe(19);
    expect(rig.droppedItems).toBe(2 * (20 - ids.length));
    expect(directory.bytes).toBeLessThanOrEqual(2000);
    await directory.close();
  });

  test('refuses what is larger than everything may be, so that it stays where it is', async () => {
    const rig = new Rig();
    const directory = rig.directory({ bytesMax: 2000 });
    await directory.open();
    await expect(directory.append(line(1, 3000))).rejects.toMatchObject({ code: 'DEAD_LETTER_FULL', retryable: true });
    await directory.close();
  });
});

test('lines that come together are synced together', async () => {
  const rig = new Rig();
  const directory = rig.directory();
  await directory.open();
  await directory.append(line(0));
  const before = rig.disk.operations;
  await Promise.all(Array.from({ length: 50 }, (_, index) => directory.append(line(index + 1))));
  expect(rig.disk.operations - before).toBe(2);
  await directory.close();
  expect(await rig.ids()).toEqual(Array.from({ length: 51 }, (_, id) => id));
});

test('a directory in use is refused, and the message says by whom', async () => {
  const rig = new Rig();
  await rig.directory().open();
  rig.running.add(rig.lastPid);
  await expect(rig.directory().open()).rejects.toMatchObject({
    code: 'STORAGE_IN_USE',
    message: `the dead letter in ${DIRECTORY} is in use by process ${rig.lastPid - 1} on mill`,
  });
});
