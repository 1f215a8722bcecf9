import type { CacheValue } from '../cache/cache-entry.ts';

/** What a source knows of a key: one value, or several by their names. Undefined: nothing. */
export type Finding = CacheValue | undefined;

interface SourceLifecycle {
  /** @throws ComponentError where the source cannot work as configured */
  start(): Promise<void>;
  stop(): void;
}

/** A table in memory, which answers at once. */
export interface TableSource extends SourceLifecycle {
  readonly kind: 'table';
  find(key: string): Finding;
}

/** A place that has to be asked. */
export interface RemoteSource extends SourceLifecycle {
  readonly kind: 'remote';
  /** Questions that may be under way at once. */
  readonly concurrency: number;
  /** Rejects where the source cannot say, with a message for people. */
  ask(key: string): Promise<Finding>;
}

export type LookupSource = TableSource | RemoteSource;
