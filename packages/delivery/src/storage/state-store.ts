import type { GroupWriter } from './group-writer.ts';
import { RECORD_PAYLOAD_BYTES_MAX } from './record-header.ts';
import type { SegmentTable } from './segment.ts';
import type { StateIndex } from './state-index.ts';
import { recordTooLarge } from './storage-errors.ts';

/** A value, at most: this part of the store is kept in memory. */
export const STATE_VALUE_BYTES_MAX = Math.min(1024 * 1024, RECORD_PAYLOAD_BYTES_MAX);
const STATE_KEY_BYTES_MAX = 1024;
const NOTHING = Buffer.alloc(0);

export interface StateStoreOptions {
  readonly namespace: string;
  readonly index: StateIndex;
  readonly table: SegmentTable;
  readonly writer: Pick<GroupWriter, 'append'>;
  readonly newestSegment: () => number;
  readonly onReplaced: () => void;
}

/** Small values by key. What is read is what is on disk. */
export class StateStore {
  readonly #options: StateStoreOptions;

  constructor(options: StateStoreOptions) {
    this.#options = options;
  }

  /** The caller must not change the bytes. */
  get(key: string): Uint8Array | undefined {
    return this.#options.index.get(this.#options.namespace, key)?.value;
  }

  keys(): string[] {
    return this.#options.index.keys(this.#options.namespace);
  }

  /**
   * Resolves when the value is on disk; values of one key are written in the order of the calls. Takes the bytes over.
   * Rejects with a DeliveryError (STORAGE_FULL, STORAGE_FAILED, TOO_LARGE, SHUTDOWN).
   */
  set(key: string, value: Uint8Array): Promise<void> {
    return this.#put(key, value);
  }

  /** Resolves when the key is gone for good. */
  async delete(key: string): Promise<void> {
    if (this.#options.index.get(this.#options.namespace, key) !== undefined) await this.#put(key, undefined);
  }

  #put(key: string, value: Uint8Array | undefined): Promise<void> {
    const { namespace, index, table, writer, newestSegment, onReplaced } = this.#options;
    const meta = Buffer.from(key);
    const data = value ?? NOTHING;
    if (meta.length > STATE_KEY_BYTES_MAX) return Promise.reject(recordTooLarge(meta.length, STATE_KEY_BYTES_MAX));
    if (data.length > STATE_VALUE_BYTES_MAX) return Promise.reject(recordTooLarge(data.length, STATE_VALUE_BYTES_MAX));
    return new Promise((resolve, reject) => {
      const items = value === undefined ? newestSegment() + 1 : 0;
      writer.append({
        kind: 'state',
        deleted: value === undefined,
        items,
        name: Buffer.from(namespace),
        meta,
        data: [data],
        dataBytes: data.length,
        sequence: undefined,
        privileged: true,
        onDurable: (place, sequence) => {
          const kept = value && Buffer.from(value.buffer, value.byteOffset, value.length);
          index.put(namespace, key, { ...place, sequence, value: kept, newestSegment: items }, table);
          resolve();
          onReplaced();
        },
        onRefused: reject,
      });
    });
  }
}
