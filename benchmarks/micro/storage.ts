/**
 * What the durable store takes and gives, beside what the disk itself does in the same run:
 * `node benchmarks/micro/storage.ts [DIRECTORY] [BACKLOG_MEGABYTES]`. The directory is made, and removed at the end.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MachineProcesses, NodeFileSystem, Storage } from '@millrace/delivery';
import type { StorageSettings } from '@millrace/delivery';

const root = fs.mkdtempSync(path.join(process.argv[2] ?? os.tmpdir(), 'storage-bench-'));
const BACKLOG_BYTES = Number(process.argv[3] ?? 1000) * 1e6;
const SEGMENT_BYTES = 16 * 1024 * 1024;
const APPENDERS = 64;
const ROUNDS = 3;

const quiet = { debug() {}, info() {}, warn() {}, error: console.error };
const clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs: number, callback: () => void) {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

function storageIn(name: string, settings: Partial<StorageSettings> = {}): Storage {
  return new Storage({
    settings: {
      directory: path.join(root, name),
      createDirectory: true,
      segmentBytes: SEGMENT_BYTES,
      bytesMax: 64e9,
      freeBytesMin: 0,
      fsync: true,
      keys: [],
      marksDelayMs: 100,
      retryMs: 1000,
      ...settings,
    },
    files: new NodeFileSystem(),
    processes: new MachineProcesses(),
    clock,
    logger: quiet,
    randomBytes: (count) => randomBytes(count),
  });
}

interface Job {
  readonly bytes: number;
  readonly count: number;
  readonly appenders: number;
}

/** Appends per second: `appenders` at a time, each with one payload at a time, as fast as they are acknowledged. */
async function appending(job: Job, settings: Partial<StorageSettings> = {}) {
  const storage = storageIn(`append-${Math.random()}`, settings);
  await storage.open();
  const queue = storage.queue('bench');
  const payload = randomBytes(job.bytes);
  const meta = Buffer.from('{"signal":"logs"}');
  let left = job.count;
  const appender = async (): Promise<void> => {
    while (left-- > 0) {
      await queue.append({ meta, data: [payload], items: 1 });
      // Kept short, as in a queue that is being drained: freed segments are used again.
      const sequence = queue.skip();
      if (sequence !== undefined) queue.done(sequence);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: job.appenders }, appender));
  const seconds = (performance.now() - start) / 1000;
  const { groups, records } = storage.stats;
  await storage.close();
  return { perSecond: job.count / seconds, perGroup: records / groups };
}

/** The same bytes with nothing around them: written over an allocated file in groups of `group`, one sync each. */
async function disk(job: Job, group: number): Promise<number> {
  const file = await new NodeFileSystem().open(path.join(root, `disk-${Math.random()}`), 'create');
  await file.preallocate(4 * SEGMENT_BYTES);
  await file.sync();
  const parts = Array.from({ length: group }, () => randomBytes(job.bytes));
  const together = job.bytes < 16_384 ? [Buffer.concat(parts)] : parts;
  const groupBytes = job.bytes * group;
  let at = 0;
  const rounds = Math.ceil(job.count / group);
  const start = performance.now();
  for (let round = 0; round < rounds; round++) {
    if (at + groupBytes > 4 * SEGMENT_BYTES) at = 0;
    await file.write(together, at);
    await file.sync();
    at += groupBytes;
  }
  const seconds = (performance.now() - start) / 1000;
  await file.close();
  return (rounds * group) / seconds;
}

async function best<R>(act: () => Promise<R>, value: (result: R) => number): Promise<R> {
  let winner = await act();
  for (let round = 1; round < ROUNDS; round++) {
    const result = await act();
    if (value(result) > value(winner)) winner = result;
  }
  return winner;
}

async function compare(name: string, job: Job, unit: (perSecond: number) => string): Promise<void> {
  const store = await best(
    () => appending(job),
    (result) => result.perSecond,
  );
  const group = Math.max(1, Math.round(store.perGroup));
  const bare = await best(
    () => disk(job, group),
    (result) => result,
  );
  const sealed = await best(
    () => appending(job, { keys: [randomBytes(32)] }),
    (result) => result.perSecond,
  );
  const loose = await best(
    () => appending(job, { fsync: false }),
    (result) => result.perSecond,
  );
  console.log(
    `${name.padEnd(28)} ${unit(store.perSecond).padStart(14)}   disk, in groups of ${String(group).padStart(3)}: ${unit(bare).padStart(14)}` +
      `   ratio ${(store.perSecond / bare).toFixed(2)}   encrypted ${unit(sealed.perSecond)}   fsync: false ${unit(loose.perSecond)}`,
  );
}

async function recovery(bytes: number): Promise<void> {
  const name = `backlog-${bytes}`;
  const writing = storageIn(name);
  await writing.open();
  const queue = writing.queue('bench');
  const payload = randomBytes(bytes);
  const meta = Buffer.from('{"signal":"logs"}');
  let left = Math.floor(BACKLOG_BYTES / bytes);
  const appender = async (): Promise<void> => {
    while (left-- > 0) await queue.append({ meta, data: [payload], items: 1 });
  };
  await Promise.all(Array.from({ length: APPENDERS }, appender));
  await writing.close();
  global.gc?.();
  const rssBefore = process.memoryUsage().rss;
  const storage = storageIn(name);
  const start = performance.now();
  const { entries } = await storage.open();
  const openSeconds = (performance.now() - start) / 1000;
  const grown = (process.memoryUsage().rss - rssBefore) / 1e6;
  const drain = storage.queue('bench');
  const drainStart = performance.now();
  for (let entry = await drain.read(); entry !== undefined; entry = await drain.read()) drain.done(entry.sequence);
  const drainSeconds = (performance.now() - drainStart) / 1000;
  await storage.close();
  const gigabytes = (entries * bytes) / 1e9;
  console.log(
    `backlog of ${bytes} byte payloads: opens in ${(openSeconds / gigabytes).toFixed(2)} s/GB (${entries} entries, RSS +${grown.toFixed(0)} MB), drains at ${(entries / drainSeconds).toFixed(0)}/s, ${((gigabytes * 1000) / drainSeconds).toFixed(0)} MB/s`,
  );
  fs.rmSync(path.join(root, name), { recursive: true });
}

try {
  const perSecond = (value: number): string => `${(value / 1000).toFixed(1)} k/s`;
  await compare('1 kB, 64 appenders', { bytes: 1000, count: 200_000, appenders: APPENDERS }, perSecond);
  await compare('1 kB, 100 appenders', { bytes: 1000, count: 200_000, appenders: 100 }, perSecond);
  await compare('1 kB, 1 appender', { bytes: 1000, count: 10_000, appenders: 1 }, perSecond);
  await compare('1 MB, 64 appenders', { bytes: 1e6, count: 1000, appenders: APPENDERS }, (v) => `${v.toFixed(0)} MB/s`);
  await compare('1 MB, 4 appenders', { bytes: 1e6, count: 1000, appenders: 4 }, (v) => `${v.toFixed(0)} MB/s`);
  for (const bytes of [1000, 100_000, 1e6]) await recovery(bytes);
} finally {
  fs.rmSync(root, { recursive: true, force: true });
}
