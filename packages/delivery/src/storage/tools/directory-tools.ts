import path from 'node:path';
import type { Clock, Logger } from '@millrace/api';
import { DirectoryLock } from '../directory-lock.ts';
import { codeOf } from '../file-system.ts';
import type { FileSystem } from '../file-system.ts';
import { LogQueue } from '../log-queue.ts';
import { OpenFiles } from '../open-files.ts';
import type { Owner, Processes } from '../owner.ts';
import type { ReadEntry } from '../queue-log.ts';
import { RecordReader } from '../record-reader.ts';
import { Recovery } from '../recovery.ts';
import type { Recovered, RecoveryReport } from '../recovery-report.ts';
import { StorageKeys } from '../sealing.ts';
import { Storage } from '../storage.ts';
import { cannotOpen } from '../storage-errors.ts';
import { replaceWhole } from '../whole-file.ts';

/** A directory of a collector that does not run; what only reads works beside one that does, with `besideOwner`. */
export interface ToolOptions {
  readonly directory: string;
  /** The ones that it was written with; none for a directory in clear. */
  readonly keys: readonly Uint8Array[];
  readonly files: FileSystem;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly randomBytes: (count: number) => Uint8Array;
  /**
   * Reads although a collector has the directory open. What it is writing or freeing at that moment may be missing, and
   * look like damage.
   */
  readonly besideOwner?: boolean;
}

export interface QueueOverview {
  readonly name: string;
  readonly requests: number;
  readonly items: number;
  readonly bytes: number;
  readonly firstSequence: number | undefined;
  readonly lastSequence: number | undefined;
}

export interface DirectoryOverview {
  readonly queues: readonly QueueOverview[];
  readonly state: readonly { readonly namespace: string; readonly keys: readonly string[] }[];
  /** What a start would find, and repair. */
  readonly report: RecoveryReport;
  /** The process that has the directory open, with `besideOwner`. */
  readonly owner: Owner | undefined;
}

/** Reads the whole directory, checks every record and changes nothing: for `ls` and `verify`. */
export async function inspectDirectory(options: ToolOptions): Promise<DirectoryOverview> {
  const owner = options.besideOwner === true ? await ownerOf(options) : undefined;
  const { queues, state, report } = await look(options);
  return {
    owner,
    queues: [...queues].map(([name, index]) => {
      let items = 0;
      let bytes = 0;
      for (let at = 0; at < index.length; at++) {
        const entry = index.at(at);
        items += entry.items;
        bytes += entry.dataBytes;
      }
      const { length } = index;
      const firstSequence = length === 0 ? undefined : index.at(0).sequence;
      const lastSequence = length === 0 ? undefined : index.at(length - 1).sequence;
      return { name, requests: length, items, bytes, firstSequence, lastSequence };
    }),
    state: state.namespaces().map((namespace) => ({ namespace, keys: state.keys(namespace) })),
    report,
  };
}

/** The entries of one queue that wait, oldest first; changes nothing. */
export async function* peekQueue(options: ToolOptions, name: string): AsyncGenerator<ReadEntry> {
  const { queues, table } = await look(options);
  const openFiles = new OpenFiles(options.files, 4);
  const reader = new RecordReader(openFiles);
  const queue = new LogQueue(name, queues.get(name));
  try {
    for (let entry = queue.take(); entry !== undefined; entry = queue.take()) {
      const { sequence, items } = entry;
      const segment = table.get(entry.segment);
      const record = segment && (await readable(options, reader.read(segment, entry)));
      if (record !== undefined) yield { sequence, items, meta: record.body.meta, data: record.body.data };
    }
  } finally {
    await openFiles.close();
  }
}

/**
 * Writes every waiting entry of every queue to files of its own: `QUEUE/SEQUENCE.bin` holds the payload as it would be
 * sent, `QUEUE/SEQUENCE.json` what is known of it. Returns how many.
 */
export async function exportDirectory(options: ToolOptions, to: string): Promise<number> {
  const { files } = options;
  const { queues } = await inspectDirectory(options);
  let count = 0;
  for (const { name } of queues) {
    const folder = path.join(to, encodeURIComponent(name).replaceAll('.', '%2E'));
    await files.makeDirectory(folder);
    for await (const { sequence, items, meta, data } of peekQueue(options, name)) {
      const about = { queue: name, sequence, items, ...(JSON.parse(Buffer.from(meta).toString()) as object) };
      const file = path.join(folder, String(sequence).padStart(12, '0'));
      await replaceWhole(files, `${file}.bin`, `${file}.new`, data);
      await replaceWhole(files, `${file}.json`, `${file}.new`, Buffer.from(`${JSON.stringify(about)}\n`));
      count += 1;
    }
  }
  return count;
}

/** Does what a start does: cuts torn ends, puts damaged parts aside, frees what is not needed. */
export async function repairDirectory(options: ToolOptions): Promise<RecoveryReport> {
  const { storage, report } = await open(options);
  await storage.clean();
  await storage.close();
  return report;
}

/** Gives up what waits in a queue. Returns how many entries that were. */
export async function dropQueue(options: ToolOptions, name: string): Promise<number> {
  const { storage } = await open(options);
  const queue = storage.queue(name);
  let count = 0;
  for (let sequence = queue.skip(); sequence !== undefined; sequence = queue.skip()) {
    queue.done(sequence);
    count += 1;
  }
  await storage.clean();
  await storage.close();
  return count;
}

/** Undefined where the collector has freed it in the meantime: it was delivered. */
async function readable<R>({ besideOwner }: ToolOptions, reading: Promise<R>): Promise<R | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (besideOwner === true && codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The collector frees segments under the eyes of who looks: then it looks again. */
const LOOKS_MAX = 5;

async function look(options: ToolOptions): Promise<Recovered> {
  const { directory, files, randomBytes, besideOwner } = options;
  for (let looks = 1; ; looks++) {
    try {
      if (besideOwner !== true) await DirectoryLock.refuseHeld(options);
      const keys = new StorageKeys(options.keys);
      return await new Recovery({ files, directory, keys, randomBytes, repair: false }).run();
    } catch (error) {
      const wasFreed = besideOwner === true && looks < LOOKS_MAX && codeOf(error) === 'ENOENT';
      if (!wasFreed || (await files.list(directory).catch(() => undefined)) === undefined) {
        throw cannotOpen(directory, error);
      }
    }
  }
}

/** The process that has a directory open: a storage, or a dead letter. */
export async function ownerOf(options: ToolOptions): Promise<Owner | undefined> {
  try {
    return await DirectoryLock.holderOf(options);
  } catch (error) {
    throw cannotOpen(options.directory, error);
  }
}

async function open(options: ToolOptions): Promise<{ storage: Storage; report: RecoveryReport }> {
  const storage = new Storage({
    ...options,
    settings: {
      directory: options.directory,
      keys: options.keys,
      createDirectory: false,
      // Only marks are written.
      segmentBytes: 1024 * 1024,
      bytesMax: Infinity,
      freeBytesMin: 0,
      fsync: true,
      marksDelayMs: 0,
      retryMs: 0,
    },
  });
  return { storage, report: await storage.open() };
}
