import { DeliveryError, isRetryable, messageOf } from '@millrace/api';
import type { AgeIdentity } from '@millrace/codec';
import { countItems } from '@millrace/otlp';
import { lengthOf } from './file-identity.ts';
import type { Pace } from './pace.ts';
import type { ReplayDestination } from './replay-destination.ts';
import type { ReplayProgress } from './replay-progress.ts';
import { replayEntries, type ReplayEntry, type ReplayFile } from './replay-source.ts';

export interface ReplayCounts {
  /** The file that is being sent. */
  readonly file: string;
  /** Entries that the destination has, and their items as far as the condition lets them through. */
  readonly sent: number;
  readonly items: number;
  /** Entries that an earlier replay has sent. */
  readonly before: number;
  /** Entries that the destination refuses for good. */
  readonly refused: number;
  readonly damaged: number;
  /** Entries of signals that the destination, or the condition, is not for. */
  readonly unfit: number;
  readonly deletedFiles: number;
}

export interface ReplayRunOptions {
  readonly destination: ReplayDestination;
  readonly progress: ReplayProgress;
  readonly identities: readonly AgeIdentity[];
  readonly pace: Pace;
  readonly interrupted: AbortSignal;
  readonly isDry: boolean;
  /** Deletes a file of which all was sent; undefined: files stay. */
  readonly remove: ((file: string) => Promise<void>) | undefined;
  readonly report: (text: string) => void;
}

/** Requests under way at a time, and between two writings of what was sent. */
const WINDOW = 8;
const SAVE_EVERY = 64;

/** Sends files, one after the other, each in order; what was sent is noted after it was acknowledged. */
export class ReplayRun {
  readonly #options: ReplayRunOptions;
  readonly #numbers = { sent: 0, before: 0, refused: 0, damaged: 0, unfit: 0, deletedFiles: 0 };
  #file = '';
  #unsaved = 0;

  constructor(options: ReplayRunOptions) {
    this.#options = options;
  }

  get counts(): ReplayCounts {
    return { file: this.#file, ...this.#numbers, items: this.#options.destination.sentItems };
  }

  /** Why it ended before its end; undefined: it did not. */
  async run(files: readonly ReplayFile[]): Promise<string | undefined> {
    let failure: string | undefined;
    for (const file of files) {
      this.#file = file.name;
      try {
        const stopped = await this.#runFile(file);
        if (stopped !== undefined) return stopped;
      } catch (error) {
        // The others are sent all the same.
        failure ??= `${file.path}: ${messageOf(error)}`;
      }
    }
    return failure;
  }

  async #runFile(file: ReplayFile): Promise<string | undefined> {
    const { progress, identities, interrupted } = this.#options;
    const done = await progress.begin(file);
    const bytes = await lengthOf(file.path);
    const window = new Window();
    let index = 0;
    let isWhole = true;
    for await (const entry of replayEntries(file, identities)) {
      index += 1;
      if (index <= done) {
        this.#numbers.before += 1;
        continue;
      }
      if (interrupted.aborted || window.failure !== undefined) break;
      await this.#admit(entry);
      window.add(index, this.#sendOne(file, index, entry));
      if (window.size >= WINDOW) isWhole = (await this.#settle(file, window)) && isWhole;
    }
    while (window.size > 0) isWhole = (await this.#settle(file, window)) && isWhole;
    if (window.failure !== undefined) return `${window.failure}; run it again to go on where it stopped`;
    if (interrupted.aborted) return 'interrupted; run it again to go on where it stopped';
    if (isWhole) await this.#remove(file, bytes);
    return undefined;
  }

  async #admit(entry: ReplayEntry): Promise<void> {
    const { pace, interrupted } = this.#options;
    if ('damage' in entry) return;
    await pace.admit(safeCount(entry), interrupted);
  }

  /** Waits for the oldest one under way; false where it was not delivered. */
  async #settle(file: ReplayFile, window: Window): Promise<boolean> {
    const { index, fate } = await window.oldest();
    if (fate === 'stopped') return false;
    if (window.failure === undefined) this.#options.progress.set(file.name, index);
    this.#unsaved += 1;
    if (this.#unsaved >= SAVE_EVERY && !this.#options.isDry) {
      this.#unsaved = 0;
      await this.#options.progress.save();
    }
    return fate === 'sent';
  }

  /** Never rejects. */
  async #sendOne({ path, kind }: ReplayFile, index: number, entry: ReplayEntry): Promise<Fate> {
    const { destination, report } = this.#options;
    const where = kind === 'dead_letter' ? `${path}:${index}` : `${path}, request ${index}`;
    if ('damage' in entry) {
      this.#numbers.damaged += 1;
      report(`${where} ${entry.damage}; it is not sent`);
      return { fate: 'kept' };
    }
    if (!destination.signals.has(entry.signal)) {
      this.#numbers.unfit += 1;
      return { fate: 'kept' };
    }
    try {
      await destination.send(entry.signal, entry.bytes);
      this.#numbers.sent += 1;
      return { fate: 'sent' };
    } catch (error) {
      if (isRetryable(error)) {
        const isOver = error instanceof DeliveryError && error.code === 'RETRIES_EXHAUSTED';
        const longer = isOver ? ' (a longer --give-up-after tries for longer)' : '';
        return { fate: 'stopped', why: `${where} was not sent: ${messageOf(error)}${longer}` };
      }
      this.#numbers.refused += 1;
      report(`${where} was refused: ${messageOf(error)}`);
      return { fate: 'kept' };
    }
  }

  /** A file that has grown since it was opened holds more than was sent. */
  async #remove(file: ReplayFile, bytes: number): Promise<void> {
    const { remove, progress } = this.#options;
    if (remove === undefined || file.isOpen || (await lengthOf(file.path)) !== bytes) return;
    await remove(file.path);
    if (file.kind === 'exported') await remove(file.path.replace(/\.bin$/, '.json')).catch(() => undefined);
    progress.forget(file.name);
    this.#numbers.deletedFiles += 1;
  }
}

interface Fate {
  /** `kept`: it stays where it is; `stopped`: the destination does not take anything. */
  readonly fate: 'sent' | 'kept' | 'stopped';
  readonly why?: string;
}

/** What is under way, in order. */
class Window {
  failure: string | undefined;
  readonly #sending: { readonly index: number; readonly fate: Promise<Fate> }[] = [];

  get size(): number {
    return this.#sending.length;
  }

  add(index: number, fate: Promise<Fate>): void {
    this.#sending.push({ index, fate });
  }

  async oldest(): Promise<{ readonly index: number; readonly fate: Fate['fate'] }> {
    const { index, fate } = this.#sending.shift() as { index: number; fate: Promise<Fate> };
    const { fate: result, why } = await fate;
    this.failure ??= why;
    return { index, fate: result };
  }
}

/** What cannot be counted is refused when it is sent. */
function safeCount(entry: Exclude<ReplayEntry, { readonly damage: string }>): number {
  try {
    return countItems(entry.signal, entry.bytes);
  } catch {
    return 1;
  }
}
