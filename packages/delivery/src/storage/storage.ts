import { ComponentError } from '@millrace/api';
import { Cleaner } from './cleaner.ts';
import { DirectoryLock } from './directory-lock.ts';
import { GroupWriter } from './group-writer.ts';
import { LogQueue } from './log-queue.ts';
import { OpenFiles } from './open-files.ts';
import { PendingMarks } from './pending-marks.ts';
import { QueueLog } from './queue-log.ts';
import { RECORD_NAME_BYTES_MAX } from './record-header.ts';
import { Recovery } from './recovery.ts';
import type { Recovered, RecoveryReport } from './recovery-report.ts';
import { Relocation } from './relocation.ts';
import { StorageKeys } from './sealing.ts';
import { SegmentPool } from './segment-pool.ts';
import { StateStore } from './state-store.ts';
import type { StorageOptions, StorageStats } from './storage-settings.ts';
import { cannotOpen } from './storage-errors.ts';
import type { Quarantined } from './quarantine.ts';

const READ_FILES_MAX = 16;

interface Running {
  readonly lock: DirectoryLock;
  readonly recovered: Recovered;
  readonly queues: Map<string, LogQueue>;
  readonly writer: GroupWriter;
  readonly pool: SegmentPool;
  readonly cleaner: Cleaner;
  readonly openFiles: OpenFiles;
  readonly marks: PendingMarks;
}

/**
 * One directory: the queues, checkpoints and small state of a collector in one log. `open` first, `close` last; what
 * is handed out by {@link queue} and {@link state} works in between.
 */
export class Storage {
  readonly #options: StorageOptions;
  readonly #taken = new Set<string>();
  #running: Running | undefined;
  #cancelMarks: (() => void) | undefined;
  #groups = 0;
  #records = 0;
  #writtenBytes = 0;
  #quarantined = 0;
  #torn = 0;
  #unreadable = 0;

  constructor(options: StorageOptions) {
    this.#options = options;
  }

  /**
   * Locks the directory and reads it. Damage does not fail it: it is put aside and reported. Throws a ComponentError
   * (STORAGE_IN_USE, STORAGE_NEWER, STORAGE_KEY_WRONG, STORAGE_ACCESS, …) when nothing can be done without a person.
   */
  async open(): Promise<RecoveryReport> {
    const { settings, files, processes, clock, randomBytes } = this.#options;
    const { directory, createDirectory } = settings;
    const keys = new StorageKeys(settings.keys);
    let lock: DirectoryLock | undefined;
    try {
      if (createDirectory) await files.makeDirectory(directory);
      lock = await DirectoryLock.acquire({ files, directory, processes, clock, randomBytes });
      const recovered = await new Recovery({ files, directory, keys, randomBytes, repair: true }).run();
      this.#running = this.#run(lock, recovered, keys);
    } catch (error) {
      await lock?.release().catch(() => {});
      throw cannotOpen(directory, error);
    }
    for (const report of lock.damaged) this.#countQuarantined(report);
    const { recovered, marks, cleaner } = this.#running;
    for (const { segment, sequence } of recovered.surplus) this.#marked(() => marks.add(segment, sequence));
    cleaner.wake();
    this.#report(recovered.report);
    return recovered.report;
  }

  /** The queue of this name, for one holder. */
  queue(name: string): QueueLog {
    const { queues, writer, recovered, openFiles, marks, cleaner } = this.#opened();
    this.#claim('queue', name);
    let queue = queues.get(name);
    if (queue === undefined) queues.set(name, (queue = new LogQueue(name)));
    return new QueueLog({
      queue,
      table: recovered.table,
      writer,
      openFiles,
      files: this.#options.files,
      directory: this.#options.settings.directory,
      logger: this.#options.logger,
      onDone: (segment, sequence, freed) => {
        this.#marked(() => marks.add(segment, sequence));
        if (freed) cleaner.wake();
      },
      onUnreadable: (report) => {
        this.#unreadable += 1;
        if (report !== undefined) this.#countQuarantined(report);
      },
      onReleased: () => this.#taken.delete(`queue ${name}`),
    });
  }

  /** Names of the queues that hold something or are in use. */
  queueNames(): string[] {
    return [...this.#opened().queues.keys()].toSorted();
  }

  /** Small values under a namespace: checkpoints, and what plugins want to remember. */
  state(namespace: string): StateStore {
    const { recovered, writer, pool, cleaner } = this.#opened();
    checkName('namespace', namespace);
    const { state: index, table } = recovered;
    return new StateStore({
      namespace,
      index,
      table,
      writer,
      newestSegment: () => pool.nextSegment - 1,
      onReplaced: () => cleaner.wake(),
    });
  }

  get stats(): StorageStats {
    const { recovered, pool, marks } = this.#opened();
    const { table } = recovered;
    return {
      segments: table.size,
      bytes: table.bytes + pool.spareBytes,
      liveBytes: table.liveBytes,
      groups: this.#groups,
      records: this.#records,
      writtenBytes: this.#writtenBytes,
      quarantined: this.#quarantined,
      torn: this.#torn,
      unreadable: this.#unreadable,
      unmarked: marks.length,
    };
  }

  /** Resolves when everything that was appended or done before is on disk, or was refused. */
  async flush(): Promise<void> {
    const { writer, marks } = this.#opened();
    await writer.flush();
    if (marks.length > 0) await writer.flush();
  }

  /** Resolves when every segment is freed that can be. */
  async clean(): Promise<void> {
    await this.flush();
    await this.#opened().cleaner.settle();
  }

  async close(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#cancelMarks?.();
    await this.flush();
    await running.cleaner.stop();
    await running.writer.close();
    await running.pool.close().catch(() => {});
    await running.openFiles.close();
    this.#running = undefined;
    // What stays behind names a process that is gone: it is taken over.
    await running.lock.release().catch(() => {});
  }

  #run(lock: DirectoryLock, recovered: Recovered, keys: StorageKeys): Running {
    const { settings, files, randomBytes, logger } = this.#options;
    const { directory, segmentBytes, fsync, retryMs } = settings;
    const { table, state } = recovered;
    const queues = new Map([...recovered.queues].map(([name, index]) => [name, new LogQueue(name, index)]));
    const openFiles = new OpenFiles(files, READ_FILES_MAX);
    const marks = new PendingMarks(table);
    const pool = new SegmentPool({ ...settings, ...recovered, files, keys, randomBytes });
    const writer = new GroupWriter({
      pool,
      directory,
      fsync,
      retryMs,
      clock: this.#options.clock,
      nextSequence: recovered.nextSequence,
      nextGroup: recovered.nextGroup,
      takeMarks: () => marks.take(),
      onGroup: ({ records, bytes }) => {
        this.#groups += 1;
        this.#records += records;
        this.#writtenBytes += bytes;
      },
      onClosed: () => cleaner.wake(),
      checkOwner: () => this.#checkOwner(lock),
    });
    const relocation = new Relocation({ files, table, queues, state, marks, writer });
    const cleaner: Cleaner = new Cleaner({
      files,
      directory,
      table,
      pool,
      openFiles,
      relocation,
      segmentBytes,
      fsync,
      onFreed: () => writer.tryAgain(),
      onFailure: (error) => logger.warn('room in the storage could not be freed', { error: String(error) }),
    });
    return { lock, recovered, queues, writer, pool, cleaner, openFiles, marks };
  }

  /** Marks are written with the next group, or alone when none comes soon. */
  #marked(add: () => void): void {
    add();
    const { clock, settings } = this.#options;
    this.#cancelMarks ??= clock.after(settings.marksDelayMs, () => {
      this.#cancelMarks = undefined;
      const running = this.#running;
      if (running === undefined) return;
      void running.writer.flush().then(() => {
        // Refused: the disk is tried again.
        if (running.marks.length > 0 && this.#running === running) this.#marked(() => {});
      });
    });
  }

  async #checkOwner(lock: DirectoryLock): Promise<void> {
    if (await lock.held()) return;
    const { directory } = this.#options.settings;
    this.#options.logger.error('the lock file of the storage is gone; nothing is written until it is back', {
      directory,
    });
    throw new ComponentError(`the lock of the storage in ${directory} was taken away`, {
      code: 'STORAGE_LOCK_LOST',
      remedy: 'Restart the collector; do not delete the lock file of a running one.',
    });
  }

  #claim(what: string, name: string): void {
    checkName(what, name);
    const claim = `${what} ${name}`;
    if (this.#taken.has(claim)) throw new Error(`the ${claim} is open already`);
    this.#taken.add(claim);
  }

  #opened(): Running {
    if (this.#running === undefined) throw new Error(`the storage in ${this.#options.settings.directory} is not open`);
    return this.#running;
  }

  #countQuarantined(report: Quarantined): void {
    this.#quarantined += 1;
    this.#options.logger.error('a damaged part of the storage was put aside', { ...report });
  }

  #report({ entries, torn, quarantined, unreadable, foreign }: RecoveryReport): void {
    const { logger, settings } = this.#options;
    const { directory } = settings;
    for (const report of quarantined) this.#countQuarantined(report);
    if (unreadable.length > 0) logger.error('segments of the storage could not be read', { directory, unreadable });
    if (foreign.length > 0)
      logger.warn('files in the storage are not its own, and are left alone', { directory, foreign });
    this.#torn += torn.length;
    for (const report of torn) logger.warn('the end of the storage does not check, and was cut off', { ...report });
    if (entries > 0) logger.info('the storage holds undelivered data', { directory, entries });
  }
}

function checkName(what: string, name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0 || bytes > RECORD_NAME_BYTES_MAX) {
    throw new RangeError(`the name of a ${what} has ${bytes} bytes, must have 1 to ${RECORD_NAME_BYTES_MAX}`);
  }
}
