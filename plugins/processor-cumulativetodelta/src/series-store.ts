import { randomUUID } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { type ComponentState, type Logger, messageOf } from '@millrace/api';
import type { LastPoint, SeriesTable } from './series-table.ts';

/** Of one value in a storage: 1 MiB, less some room. */
const SHARD_BYTES_MAX = 1_000_000;
/** Series that are tried to be put into one value. */
const SHARD_SERIES = 2_000;

/** Who may write; whoever starts takes it over. */
const OWNER = 'owner';
/** How many shards there are: is there only while they are complete and nothing has been counted since. */
const COMPLETE = 'shards';
const SHARD = 'shard/';

type Entry<V> = readonly [key: string, point: LastPoint<V>];

/**
 * Keeps the last points of series from one run to the next. What was stored is used up when a run begins, and stored again when
 * it ends in order: after a crash there is nothing, as later points have been passed on since, which must not be counted twice.
 */
export class SeriesStore<V> {
  readonly #state: ComponentState;
  readonly #logger: Logger;
  readonly #owner = Buffer.from(randomUUID());

  constructor(state: ComponentState, logger: Logger) {
    this.#state = state;
    this.#logger = logger;
  }

  /** Puts what the last run has left into `table`, and marks it as used. Rejects where the storage fails. */
  async takeInto(table: SeriesTable<V>): Promise<void> {
    const entries = this.#read();
    await this.#state.set(OWNER, this.#owner);
    await this.#clear();
    for (const [key, point] of entries) table.set(key, point);
    table.commit();
  }

  /** Stores the table for the next run; not where a successor runs already. */
  async save(table: SeriesTable<V>): Promise<void> {
    if (!this.#isOwner) return;
    try {
      await this.#clear();
      let shards = 0;
      const entries = [...table.entries()];
      for (let from = 0; from < entries.length; from += SHARD_SERIES) {
        for (const shard of shardsOf(entries.slice(from, from + SHARD_SERIES)))
          await this.#state.set(`${SHARD}${shards++}`, shard);
      }
      await this.#state.set(COMPLETE, Buffer.from(String(shards)));
    } catch (error) {
      this.#logger.warn('cannot store the last points of series: after a restart each of them begins anew', {
        series: table.size,
        reason: messageOf(error),
      });
    }
  }

  /** What is stored no longer holds. */
  async invalidate(): Promise<void> {
    if (this.#isOwner) await this.#state.delete(COMPLETE);
  }

  get #isOwner(): boolean {
    const owner = this.#state.get(OWNER);
    return owner !== undefined && this.#owner.equals(owner);
  }

  #read(): readonly Entry<V>[] {
    const shards = this.#state.get(COMPLETE);
    if (shards === undefined) return [];
    const entries: Entry<V>[] = [];
    try {
      for (let i = 0; i < Number(Buffer.from(shards).toString()); i++)
        entries.push(...(deserialize(this.#state.get(`${SHARD}${i}`)!) as Entry<V>[]));
      return entries;
    } catch (error) {
      this.#logger.warn('cannot read the stored last points of series: each series begins anew', {
        reason: messageOf(error),
      });
      return [];
    }
  }

  /** The mark goes first: a crash on the way leaves nothing that would be read. */
  async #clear(): Promise<void> {
    await this.#state.delete(COMPLETE);
    for (const key of this.#state.keys()) if (key.startsWith(SHARD)) await this.#state.delete(key);
  }
}

/** Serialized entries, none of more bytes than a storage takes. */
function shardsOf<V>(entries: readonly Entry<V>[]): Uint8Array[] {
  const shard = serialize(entries);
  if (shard.length <= SHARD_BYTES_MAX || entries.length === 1) return [shard];
  const half = Math.ceil(entries.length / 2);
  return [...shardsOf(entries.slice(0, half)), ...shardsOf(entries.slice(half))];
}
