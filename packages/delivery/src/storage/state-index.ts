import type { Place, SegmentTable } from './segment.ts';

/** The newest record about one key. */
export interface StateRecord extends Place {
  readonly sequence: number;
  /** Undefined: the key is deleted. */
  readonly value: Buffer | undefined;
  /** Of a deletion: no segment after this one holds an older value. */
  readonly newestSegment: number;
}

/** What the key-value part holds, all of it in memory: it is small. */
export class StateIndex {
  readonly #namespaces = new Map<string, Map<string, StateRecord>>();

  get(namespace: string, key: string): StateRecord | undefined {
    return this.#namespaces.get(namespace)?.get(key);
  }

  /** Keys that have a value, in order of their text. */
  keys(namespace: string): string[] {
    const records = this.#namespaces.get(namespace) ?? [];
    return [...records].flatMap(([key, { value }]) => (value === undefined ? [] : [key])).toSorted();
  }

  namespaces(): string[] {
    return [...this.#namespaces.keys()].toSorted();
  }

  /** While segments are read: the one with the highest sequence counts. */
  recover(namespace: string, key: string, record: StateRecord): void {
    const known = this.get(namespace, key);
    if (known === undefined || known.sequence <= record.sequence) this.#set(namespace, key, record);
  }

  /** After all segments were read. */
  settle(table: SegmentTable): void {
    for (const records of this.#namespaces.values()) {
      for (const { segment, bytes } of records.values()) table.get(segment)?.addLive(bytes);
    }
  }

  /** A record is durable: what it replaces is not needed any more. */
  put(namespace: string, key: string, record: StateRecord, table: SegmentTable): void {
    const known = this.get(namespace, key);
    if (known !== undefined) table.get(known.segment)?.removeLive(known.bytes);
    table.get(record.segment)?.addLive(record.bytes);
    this.#set(namespace, key, record);
  }

  /** Forgets a deletion. */
  drop(namespace: string, key: string, table: SegmentTable): void {
    const known = this.get(namespace, key);
    if (known === undefined) return;
    table.get(known.segment)?.removeLive(known.bytes);
    this.#namespaces.get(namespace)?.delete(key);
  }

  #set(namespace: string, key: string, record: StateRecord): void {
    let records = this.#namespaces.get(namespace);
    if (records === undefined) this.#namespaces.set(namespace, (records = new Map()));
    records.set(key, record);
  }
}
