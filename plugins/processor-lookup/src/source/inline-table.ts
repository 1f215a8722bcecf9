import type { CacheValue } from '../cache/cache-entry.ts';
import type { Finding, TableSource } from './lookup-source.ts';

/** A table of the configuration itself; without one, nothing is ever found. */
export class InlineTable implements TableSource {
  readonly kind = 'table';
  readonly #table: ReadonlyMap<string, CacheValue>;

  constructor(table: Readonly<Record<string, unknown>> = {}) {
    this.#table = new Map(Object.entries(table as Readonly<Record<string, CacheValue>>));
  }

  find(key: string): Finding {
    return this.#table.get(key);
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): void {}
}
