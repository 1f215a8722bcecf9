import { type ExporterHost, retryable } from '@millrace/api';
import type { AgeRecipient } from '@millrace/codec';
import { dirname } from 'node:path';
import { BackupNames } from './backup-names.ts';
import { Backups } from './backups.ts';
import type { FileExporterConfig } from './config.ts';
import type { Content } from './content.ts';
import { startError, writeError } from './file-errors.ts';
import type { FileSystem } from './file-system.ts';
import { examineLeftover } from './leftovers.ts';
import { OutputFile } from './output-file.ts';
import type { ContentForm } from './padding.ts';
import { PlainContent } from './plain-content.ts';
import { SealedContent } from './sealed-content.ts';
import { lockPath, type WriteLock } from './write-lock.ts';

export interface FileWriterOptions {
  readonly path: string;
  readonly settings: FileExporterConfig;
  /** Is an existing file to be continued, not emptied? */
  readonly isContinued: boolean;
  /** Empty: not encrypted. */
  readonly recipients: readonly AgeRecipient[];
  readonly fs: FileSystem;
  readonly host: Pick<ExporterHost, 'clock' | 'logger' | 'run' | 'reportStatus'>;
}

/** An encoded batch on its way into the file. */
interface Entry {
  readonly bytes: Uint8Array;
  readonly abort: AbortSignal;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes one path: takes batches in order, as many at a time as have come together, and rotates. There is one thing at a time
 * under way: a commit, a rotation, a flush.
 */
export class FileWriter {
  readonly #options: FileWriterOptions;
  readonly #backups: Backups;
  #lock: WriteLock | undefined;
  #content: Content | undefined;
  /** The content is full and takes nothing more, whether or not ending it has worked yet. */
  #isEnding = false;
  #isOpen = false;
  /** The file at the path must be renamed before a new one can be made. */
  #toSetAside: { readonly note: string | undefined } | undefined;
  #queue: Entry[] = [];
  #turn: Promise<void> | undefined;
  #isFlushDue = false;
  #cancelTimer: (() => void) | undefined;
  #isInTrouble = false;
  #end: Promise<void> | undefined;

  constructor(options: FileWriterOptions) {
    const { path, settings, fs, host } = options;
    const names = new BackupNames(path, { localtime: settings.rotation?.localtime === true });
    this.#options = options;
    this.#backups = new Backups(path, names, { fs, logger: host.logger });
  }

  /** @throws {ComponentError} if the path cannot be written. */
  async start(): Promise<void> {
    const { path, settings, fs, host } = this.#options;
    let lock: WriteLock | undefined;
    try {
      if ((await fs.stat(path))?.kind !== 'stream') {
        if (settings.create_directory || settings.rotation !== undefined || settings.group_by.enabled) {
          const mode = Number.parseInt(settings.directory_permissions ?? '0755', 8);
          await fs.makeDirectory(dirname(path), mode);
        }
        lock = lockPath(path, host.logger);
      }
      await this.#takeOver(lock?.isLeftover === true);
    } catch (error) {
      lock?.release({ finished: !lock.isLeftover });
      throw startError(path, error);
    }
    this.#lock = lock;
    this.#isOpen = true;
  }

  /**
   * Resolves when the file's guarantee holds for `bytes`.
   * @throws {DeliveryError} retryable
   */
  write(bytes: Uint8Array, abort: AbortSignal): Promise<void> {
    if (!this.#isOpen) {
      const message = `"${this.#options.path}" is not open for writing`;
      return Promise.reject(retryable(message, { code: 'FILE_CLOSED' }));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ bytes, abort, resolve, reject });
      this.#wake();
    });
  }

  /** Writes what was taken, ends the file and gives the path up. Calling it again does nothing. */
  finish(): Promise<void> {
    this.#end ??= this.#finish();
    return this.#end;
  }

  async #finish(): Promise<void> {
    this.#isOpen = false;
    while (this.#turn !== undefined) await this.#turn;
    this.#cancelTimer?.();
    const content = this.#content;
    this.#content = undefined;
    let finished = true;
    try {
      await content?.finish();
    } catch (error) {
      finished = false;
      const { path, host } = this.#options;
      host.logger.error('cannot finish the file', {
        path,
        lostBytes: content?.heldBytes,
        reason: writeError(path, error).message,
      });
      await content?.abandon().catch(() => {});
    }
    this.#lock?.release({ finished });
    this.#lock = undefined;
  }

  #wake(): void {
    this.#turn ??= this.#work();
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0 || this.#isFlushDue) {
      if (this.#isFlushDue) {
        this.#isFlushDue = false;
        await this.#flush();
      }
      if (this.#queue.length > 0) await this.#commit();
    }
    // In the same breath as the last look at the queue: whoever comes later starts another turn.
    this.#turn = undefined;
    this.#setTimer();
  }

  /** Writes what has come together, as far as it fits into the file. */
  async #commit(): Promise<void> {
    let group: readonly Entry[] = this.#queue;
    try {
      const content = await this.#contentFor(this.#queue[0].bytes.byteLength);
      group = this.#take(content);
      if (group.length > 0) await content.add(group.map(({ bytes }) => bytes));
      this.#recovered();
    } catch (error) {
      // Without a file, nobody who waits can be served.
      if (group === this.#queue) this.#queue = [];
      const failure = writeError(this.#options.path, error);
      for (const { reject } of group) reject(failure);
      return;
    }
    for (const { resolve } of group) resolve();
  }

  /** The file for the next `bytes`: the present one, or a new one if they do not fit. */
  async #contentFor(bytes: number): Promise<Content> {
    const content = this.#content;
    if (content === undefined) return this.#begin(0);
    const fits = !content.isRegular || content.bytes === 0 || content.bytes + bytes <= this.#bytesMax;
    if (fits && !this.#isEnding) return content;
    this.#isEnding = true;
    await content.finish();
    this.#isEnding = false;
    this.#content = undefined;
    this.#toSetAside = { note: undefined };
    return this.#begin(0);
  }

  /** Removes from the queue what goes into the file together. */
  #take(content: Content): Entry[] {
    const group: Entry[] = [];
    const room = content.isRegular ? this.#bytesMax - content.bytes : Number.POSITIVE_INFINITY;
    let bytes = 0;
    let taken = 0;
    for (const entry of this.#queue) {
      bytes += entry.bytes.byteLength;
      if (taken > 0 && bytes > Math.min(room, COMMIT_BYTES_MAX)) break;
      taken++;
      // Whoever has given up must not have it written behind their back if they send it again.
      if (entry.abort.aborted) entry.reject(entry.abort.reason);
      else group.push(entry);
    }
    this.#queue.splice(0, taken);
    return group;
  }

  async #takeOver(isUnfinished: boolean): Promise<void> {
    const { path, isContinued, recipients, fs, host } = this.#options;
    const isSealed = recipients.length > 0;
    const examined = { form: this.#form, isSealed, isContinued, isUnfinished };
    const leftover = await examineLeftover(fs, path, examined, host.logger);
    if (leftover.do === 'set aside') this.#toSetAside = { note: leftover.note };
    await this.#begin(leftover.do === 'continue' ? leftover.keptBytes : 0);
    await this.#prune();
  }

  /** Opens the file at the path, once what has to make way for it is renamed. */
  async #begin(keptBytes: number): Promise<Content> {
    const { path, settings, recipients, fs, host } = this.#options;
    if (this.#toSetAside !== undefined) {
      await this.#backups.add(host.clock.now(), this.#toSetAside.note);
      this.#toSetAside = undefined;
      await this.#prune();
    }
    const file = await OutputFile.open(fs, path, keptBytes);
    const content =
      recipients.length === 0
        ? new PlainContent(file, { sync: settings.fsync })
        : new SealedContent(file, {
            recipients,
            form: this.#form,
            sync: settings.fsync,
            sealAfterMs: settings.seal_after,
            clock: host.clock,
            seal: (bytes, position) => host.run('seal', bytes, position),
            onTrouble: (error) => this.#inTrouble(error),
          });
    this.#content = content;
    return content;
  }

  async #prune(): Promise<void> {
    const { settings, host } = this.#options;
    if (settings.rotation !== undefined) await this.#backups.prune(host.clock.now(), settings.rotation);
  }

  async #flush(): Promise<void> {
    try {
      await this.#content?.flush();
      this.#recovered();
    } catch (error) {
      this.#inTrouble(error);
    }
  }

  /** While there is something held back, it is looked after at each interval. */
  #setTimer(): void {
    const { settings, host } = this.#options;
    if (this.#cancelTimer !== undefined || !this.#isOpen || (this.#content?.heldBytes ?? 0) === 0) return;
    const delayMs = settings.flush_interval === 0 ? FLUSH_INTERVAL_OF_ZERO_MS : settings.flush_interval;
    this.#cancelTimer = host.clock.after(delayMs, () => {
      this.#cancelTimer = undefined;
      this.#isFlushDue = true;
      this.#wake();
    });
  }

  #inTrouble(error: unknown): void {
    const { path, host } = this.#options;
    const { message } = writeError(path, error);
    if (!this.#isInTrouble) {
      host.logger.error('cannot write, what was taken is kept in memory', {
        path,
        heldBytes: this.#content?.heldBytes,
        reason: message,
      });
    }
    this.#isInTrouble = true;
    host.reportStatus('recoverable_error', message);
  }

  #recovered(): void {
    if (!this.#isInTrouble || this.#content?.isBehind === true) return;
    this.#isInTrouble = false;
    this.#options.host.reportStatus('ok');
  }

  get #form(): ContentForm {
    const { format, compression } = this.#options.settings;
    return { format, codec: compression === '' ? 'none' : compression };
  }

  /** Length that the file should not exceed. */
  get #bytesMax(): number {
    const { rotation } = this.#options.settings;
    if (rotation === undefined) return Number.POSITIVE_INFINITY;
    return (rotation.max_megabytes === 0 ? MEGABYTES_OF_ZERO : rotation.max_megabytes) * 1024 * 1024;
  }
}

const COMMIT_BYTES_MAX = 8 * 1024 * 1024;
/** What the Collector takes a configured 0 for. */
const FLUSH_INTERVAL_OF_ZERO_MS = 1000;
const MEGABYTES_OF_ZERO = 100;
