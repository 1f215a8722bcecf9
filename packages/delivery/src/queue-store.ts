import type { Load } from './shipment.ts';

/** A load with its place in the store. */
export interface Stored<T extends Load> {
  /** Rises with every append. */
  readonly sequence: number;
  readonly load: T;
}

/** An entry that the store holds, or held, and could not read; it has said so in the log. */
export interface Unreadable {
  readonly sequence: number;
  readonly load: undefined;
  readonly items: number;
  readonly bytes: number;
  /** Whether the store keeps it, because it may be readable another time. It is not asked for again. */
  readonly kept: boolean;
}

/** What a store still held when it was opened. */
export interface Backlog {
  readonly requests: number;
  readonly items: number;
  readonly bytes: number;
}

/**
 * Where a sending queue keeps its loads: in memory, or durably. The queue does the rest (bounds, blocking, handing
 * out), so that a store has to do only this.
 */
export interface QueueStore<T extends Load> {
  /** What a resolved `append` promises: kept as long as the process lives, or through a crash. */
  readonly guarantee: 'memory' | 'safe';
  /** Called once, first. What was kept before becomes readable, ahead of everything new. */
  open(): Promise<Backlog>;
  /**
   * Takes a load over and resolves, with its sequence, when it is kept. Calls overlap (a durable store commits them
   * in groups) and resolve in the order in which they were made. Rejects, not having taken the load, when it cannot be
   * kept.
   */
  append(load: T): Promise<number>;
  /**
   * A load that was appended (or kept before) and not read yet: the oldest, or the oldest of those that the store puts
   * first. Called one at a time, and only while there is one. Never rejects. The reader releases the load.
   */
  read(): Promise<Stored<T> | Unreadable>;
  /** The load is dealt with and need not be kept; in any order, once for each that was read. */
  done(sequence: number): void;
  /** Called once, last. A durable store keeps what was not done. */
  close(): Promise<void>;
}
