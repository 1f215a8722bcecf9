import path from 'node:path';
import { ComponentError, DeliveryError, messageOf } from '@millrace/api';
import type { Clock, Logger } from '@millrace/api';
import { DirectoryLock } from '../storage/directory-lock.ts';
import { codeOf } from '../storage/file-system.ts';
import type { FileSystem, OpenFile } from '../storage/file-system.ts';
import type { Processes } from '../storage/owner.ts';
import { cannotOpen } from '../storage/storage-errors.ts';
import { unlinkIfThere } from '../storage/whole-file.ts';
import { deadLetterFileName, listDeadLetterFiles } from './dead-letter-files.ts';
import { itemsOfLines } from './dead-letter-line.ts';
import { putTornEndAside } from './torn-line.ts';

export interface DeadLetterDirectoryOptions {
  readonly directory: string;
  /** Most that the files take together. */
  readonly bytesMax: number;
  readonly whenFull: 'refuse' | 'drop_oldest';
  readonly files: FileSystem;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Told of items whose file was deleted to make room. */
  readonly onDropped: (items: number) => void;
}

/** A file is closed at this size, or at a share of the bound: what is dropped or replayed is dropped or replayed by file. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;
const FILES_MIN = 8;

/** When those who were refused may ask again. */
const RETRY_MS = 1000;

interface CurrentFile {
  readonly name: string;
  readonly open: OpenFile;
  bytes: number;
}

interface Waiting {
  readonly line: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: DeliveryError) => void;
}

/**
 * Files of JSON lines in a directory, each line an entry, for one process at a time. A line is synced before it counts;
 * lines that come while others are being written are written together. Half a line of a crash is put aside when the directory
 * is opened.
 */
export class DeadLetterDirectory {
  readonly #options: DeadLetterDirectoryOptions;
  readonly #fileBytesMax: number;
  #lock: DirectoryLock | undefined;
  #current: CurrentFile | undefined;
  /** Of all files but the current one. */
  #closedBytes = 0;
  #next = 1;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  constructor(options: DeadLetterDirectoryOptions) {
    this.#options = options;
    this.#fileBytesMax = Math.max(1, Math.min(FILE_BYTES_MAX, Math.floor(options.bytesMax / FILES_MIN)));
  }

  /** What the files take on disk. */
  get bytes(): number {
    return this.#closedBytes + (this.#current?.bytes ?? 0);
  }

  get bytesMax(): number {
    return this.#options.bytesMax;
  }

  /** Whether its oldest files make room for what comes. */
  get dropsOldest(): boolean {
    return this.#options.whenFull === 'drop_oldest';
  }

  /** Throws a ComponentError that says what to do: STORAGE_IN_USE, STORAGE_ACCESS, … */
  async open(): Promise<void> {
    const { files, directory, logger } = this.#options;
    try {
      await files.makeDirectory(directory);
      this.#lock = await DirectoryLock.acquire(this.#options);
      for (const report of this.#lock.damaged)
        logger.error('a damaged file of the dead letter was put aside', { ...report });
      const existing = await listDeadLetterFiles(files, directory);
      for (const { name } of existing) {
        const torn = await putTornEndAside(files, directory, name);
        if (torn !== undefined)
          logger.warn('the end of a dead letter file does not check, and was put aside', { ...torn });
      }
      await this.#count();
      this.#next = (existing.at(-1)?.number ?? 0) + 1;
    } catch (error) {
      await this.#lock?.release().catch(() => {});
      this.#lock = undefined;
      throw inWords(directory, error);
    }
  }

  /**
   * Resolves when the line, which ends with a line feed, is on disk. Rejects with a retryable error: DEAD_LETTER_FULL, also
   * for a line that is larger than all may be, which another start may take; DEAD_LETTER_FAILED; SHUTDOWN.
   */
  append(line: Uint8Array): Promise<void> {
    const { bytesMax, directory } = this.#options;
    if (this.#lock === undefined) return Promise.reject(notOpen(directory));
    if (line.length > bytesMax) return Promise.reject(tooLarge(line.length, this.#options));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Ends when everything is written that was appended. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#closeFile();
    const lock = this.#lock;
    this.#lock = undefined;
    await lock?.release().catch(() => {});
  }

  async #write(): Promise<void> {
    // Those who come in the same turn share a sync, too.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.#writeGroup(group.map(({ line }) => line));
        for (const { resolve } of group) resolve();
      } catch (error) {
        const refusal = asRefusal(this.#options.directory, error);
        for (const { reject } of group) reject(refusal);
      }
    }
    this.#writing = undefined;
  }

  /** What fits into one file; one line always does. */
  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { line } of this.#waiting) {
      if (count > 0 && bytes + line.length > this.#fileBytesMax) break;
      bytes += line.length;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #writeGroup(lines: readonly Uint8Array[]): Promise<void> {
    const bytes = lines.reduce((sum, line) => sum + line.length, 0);
    await this.#makeRoom(bytes);
    if (this.#current !== undefined && this.#current.bytes + bytes > this.#fileBytesMax) await this.#closeFile();
    const current = (this.#current ??= await this.#createFile());
    try {
      await current.open.write(lines, current.bytes);
      await current.open.sync();
      current.bytes += bytes;
    } catch (error) {
      await this.#abandon(current);
      throw error;
    }
  }

  /** What was not synced is taken back, as far as the disk lets one; what comes next goes into another file. */
  async #abandon(current: CurrentFile): Promise<void> {
    await current.open.truncate(current.bytes).catch(() => {});
    await this.#closeFile().catch(() => {});
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { bytesMax, whenFull } = this.#options;
    if (this.bytes + bytes <= bytesMax) return;
    // Somebody may have replayed files and deleted them.
    await this.#count();
    while (this.bytes + bytes > bytesMax) {
      if (whenFull === 'refuse' || !(await this.#dropOldest())) throw full(this.#options);
    }
  }

  async #dropOldest(): Promise<boolean> {
    const { files, directory, logger, onDropped } = this.#options;
    if (this.#closedBytes === 0) await this.#closeFile();
    const [oldest] = await listDeadLetterFiles(files, directory);
    if (oldest === undefined || oldest.name === this.#current?.name) return false;
    const file = path.join(directory, oldest.name);
    const items = await itemsOfLines(files, file);
    await files.unlink(file);
    await this.#count();
    onDropped(items);
    logger.error('the dead letter is full: its oldest file was deleted', { file, items });
    return true;
  }

  async #createFile(): Promise<CurrentFile> {
    const { files, directory } = this.#options;
    if (this.#lock !== undefined && !(await this.#lock.held())) throw lockLost(directory);
    for (;;) {
      const name = deadLetterFileName(this.#next++);
      try {
        const open = await files.open(path.join(directory, name), 'create');
        await files.syncDirectory(directory);
        return { name, open, bytes: 0 };
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
    }
  }

  async #closeFile(): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    this.#closedBytes += current.bytes;
    await current.open.close();
    const { files, directory } = this.#options;
    if (current.bytes === 0) await unlinkIfThere(files, path.join(directory, current.name));
  }

  async #count(): Promise<void> {
    const { files, directory } = this.#options;
    let bytes = 0;
    for (const { name } of await listDeadLetterFiles(files, directory)) {
      if (name === this.#current?.name) continue;
      bytes += (await files.status(path.join(directory, name)).catch(() => undefined))?.bytes ?? 0;
    }
    this.#closedBytes = bytes;
  }
}

function inWords(directory: string, error: unknown): ComponentError {
  const { code, message, remedy } = cannotOpen(directory, error);
  const text = message.replace(/the storage in/, 'the dead letter in');
  return new ComponentError(text, { code, cause: error, ...(remedy === undefined ? {} : { remedy }) });
}

function asRefusal(directory: string, error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  return new DeliveryError(`the dead letter in ${directory} could not be written: ${messageOf(error)}`, {
    code: 'DEAD_LETTER_FAILED',
    retryable: true,
    retryAfterMs: RETRY_MS,
    cause: error,
  });
}

function full({ directory, bytesMax }: DeadLetterDirectoryOptions): DeliveryError {
  return new DeliveryError(
    `the dead letter in ${directory} is full (max_size: ${bytesMax} bytes); replay and delete its files (millrace replay --delete), or raise max_size`,
    { code: 'DEAD_LETTER_FULL', retryable: true, retryAfterMs: RETRY_MS },
  );
}

function tooLarge(bytes: number, { directory, bytesMax }: DeadLetterDirectoryOptions): DeliveryError {
  return new DeliveryError(
    `an entry of ${bytes} bytes is larger than the whole dead letter in ${directory} may be (max_size: ${bytesMax} bytes); raise max_size`,
    { code: 'DEAD_LETTER_FULL', retryable: true, retryAfterMs: RETRY_MS },
  );
}

function notOpen(directory: string): DeliveryError {
  return new DeliveryError(`the dead letter in ${directory} is not open`, { code: 'SHUTDOWN', retryable: true });
}

function lockLost(directory: string): DeliveryError {
  return new DeliveryError(
    `the lock of the dead letter in ${directory} was taken away; do not delete the lock file of a running collector`,
    { code: 'DEAD_LETTER_FAILED', retryable: true, retryAfterMs: RETRY_MS },
  );
}
