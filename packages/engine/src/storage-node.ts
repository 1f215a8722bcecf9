import path from 'node:path';
import { ComponentError } from '@millrace/api';
import type { ComponentHost, ComponentState, Lifecycle, StorageDirectory } from '@millrace/api';
import type { ResolvedComponent } from '@millrace/config';
import { type QueueLog, Storage } from '@millrace/delivery';
import type { Machine } from './machine.ts';
import type { SelfTelemetry } from './telemetry/self-telemetry.ts';
import { observeStorage } from './telemetry/storage-metrics.ts';

export interface StorageNodeSettings {
  readonly component: ResolvedComponent<'extension'>;
  /** What the extension itself made. */
  readonly lifecycle: Lifecycle;
  readonly host: ComponentHost;
  readonly telemetry: SelfTelemetry;
  readonly machine: Machine;
}

/** Size of a segment: one is written ahead, and one sync at its end costs little. */
const SEGMENT_BYTES = 16 * 1024 * 1024;
const SEGMENT_BYTES_MIN = 64 * 1024;
/** A store with a quota has at least so many. */
const SEGMENTS_MIN = 16;
/** What was delivered in this time before a crash is delivered again. */
const MARKS_DELAY_MS = 100;
/** After a failed write, everybody is refused for this long. */
const RETRY_MS = 1_000;
const LOCK_PAUSE_MS = 50;

/** A storage extension with the store that the engine keeps for it: queues, and the state of components. */
export class StorageNode implements Lifecycle {
  readonly id: string;
  readonly #settings: StorageNodeSettings;
  readonly #queues = new Set<string>();
  #storage: Storage | undefined;
  #stopObserving = () => {};

  constructor(settings: StorageNodeSettings) {
    this.#settings = settings;
    this.id = settings.component.id;
  }

  /** Opens the store. Damage in it is reported and does not fail the start; a directory that is in use does. */
  async start(): Promise<void> {
    const { component, lifecycle, host, telemetry, machine } = this.#settings;
    await lifecycle.start?.();
    const settings = await component.definition.storage?.(component.config);
    if (settings === undefined) throw new TypeError(`${this.id} is no storage`);
    const directory = path.resolve(settings.directory);
    const storage = openable({ ...settings, directory }, host, machine);
    await this.#open(storage, settings.lockTimeoutMs);
    this.#storage = storage;
    const { bytesMax } = settings;
    this.#stopObserving = observeStorage(telemetry, { storage: this.id, bytesMax, stats: () => storage.stats });
    host.announce('writes', directory);
    if (settings.fsync) return;
    host.logger.warn('acknowledgements do not wait for the disk: when the machine dies, the last seconds may be lost', {
      remedy: 'set fsync: true',
    });
  }

  async shutdown(): Promise<void> {
    this.#stopObserving();
    const storage = this.#storage;
    this.#storage = undefined;
    await storage?.close();
    await this.#settings.lifecycle.shutdown?.();
  }

  /** The queue of this name, for one holder. Throws a ComponentError where the storage is not open. */
  queue(name: string): QueueLog {
    this.#queues.add(name);
    return this.#opened().queue(name);
  }

  /** What a component remembers under this name. */
  state(namespace: string): ComponentState {
    return this.#opened().state(namespace);
  }

  /** Says which queues hold data that nobody asks for: a renamed exporter must not make data disappear silently. */
  reportUnclaimed(): void {
    const storage = this.#opened();
    for (const name of storage.queueNames()) {
      if (this.#queues.has(name)) continue;
      const queue = storage.queue(name);
      const { requests, items } = queue.totals();
      queue.release();
      if (requests === 0) continue;
      this.#settings.host.logger.warn('the storage holds data of an exporter that does not run; it stays there', {
        queue: name,
        items,
        remedy: 'configure the exporter of that name again and it is delivered',
      });
    }
  }

  async #open(storage: Storage, lockTimeoutMs: number): Promise<void> {
    const { clock } = this.#settings.host;
    const end = clock.monotonic() + lockTimeoutMs;
    for (;;) {
      try {
        await storage.open();
        return;
      } catch (error) {
        const isHeld = error instanceof ComponentError && error.code === 'STORAGE_IN_USE';
        if (!isHeld || clock.monotonic() >= end) throw error;
        await new Promise<void>((resolve) => void clock.after(LOCK_PAUSE_MS, resolve));
      }
    }
  }

  #opened(): Storage {
    if (this.#storage !== undefined) return this.#storage;
    throw new ComponentError(`the storage "${this.id}" is not open`, { code: 'STORAGE_UNAVAILABLE' });
  }
}

function openable(settings: StorageDirectory, host: ComponentHost, machine: Machine): Storage {
  const { directory, createDirectory, directoryMode, fsync, bytesMax, freeBytesMin, keys } = settings;
  const share = Math.floor(bytesMax / SEGMENTS_MIN);
  return new Storage({
    settings: {
      directory,
      createDirectory,
      fsync,
      bytesMax,
      freeBytesMin,
      keys,
      segmentBytes: Math.min(SEGMENT_BYTES, Math.max(SEGMENT_BYTES_MIN, share)),
      marksDelayMs: MARKS_DELAY_MS,
      retryMs: RETRY_MS,
    },
    files: machine.files({ directoryMode }),
    processes: machine.processes(),
    clock: host.clock,
    logger: host.logger,
    randomBytes: machine.randomBytes,
  });
}
