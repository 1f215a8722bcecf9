import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { type Clock, ComponentError, type Logger, messageOf } from '@millrace/api';
import type { CacheEntry } from './cache-entry.ts';
import { DamageError, isBusy, isDamage, prepareFile, type Statements } from './disk-file.ts';
import { packEntries, unpackEntries } from './packed-entry.ts';
import { noCounts, type TierView } from './tier-counts.ts';

/** What a row takes beside its contents. */
const ROW_BYTES = 48;
/** Rows wait in memory for being written together. */
const WRITES_MAX = 256;
const WRITE_DELAY_MS = 1_000;
/** Several pipelines, or collectors, may use one directory: each takes the first file that nobody else holds. */
const FILES_MAX = 16;
/** The share that goes at once when there is no room, so that not every write has to look for some. */
const EVICTED_SHARE = 0.1;

export interface DiskTierOptions {
  readonly directory: string;
  /** Of the file's name, which gets a number and an ending. */
  readonly name: string;
  readonly bytesMax: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Row {
  readonly value: Uint8Array;
  readonly checksum: number;
}

/**
 * Entries in an SQLite file, which outlive the collector. Written in groups; what a crash takes with it is asked for again. A
 * file that is damaged or that somebody changed is thrown away, and that is said: it is a cache.
 */
export class DiskTier implements TierView {
  readonly counts = noCounts();
  readonly #options: DiskTierOptions;
  /** Undefined: puts it out of use. */
  #database: DatabaseSync | undefined;
  #statements: Statements | undefined;
  #path = '';
  readonly #writes = new Map<string, CacheEntry>();
  /** Keys that were read since the last write: they are to go later. */
  readonly #touched = new Set<string>();
  #cancelWrite: (() => void) | undefined;
  #entries = 0;
  #bytes = 0;

  constructor(options: DiskTierOptions) {
    this.#options = options;
  }

  get entries(): number {
    return this.#entries;
  }

  /** Of the rows; the file is somewhat larger. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @throws ComponentError when the directory cannot be used */
  open(): void {
    const { directory, name } = this.#options;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      for (let index = 0; index < FILES_MAX; index++) {
        this.#path = join(directory, `${name}.${index}.db`);
        if (this.#tryOpen()) return;
      }
    } catch (cause) {
      throw new ComponentError(`cannot keep a cache in "${directory}": ${messageOf(cause)}`, {
        code: 'CACHE_UNUSABLE',
        remedy: 'let the collector write there, or name another directory',
        cause,
      });
    }
    const message = `cannot keep a cache in "${directory}": ${FILES_MAX} others use it`;
    throw new ComponentError(message, { code: 'CACHE_IN_USE', remedy: 'name another directory' });
  }

  /** Writes what waits. */
  close(): void {
    this.#write();
    this.#cancelWrite?.();
    try {
      this.#database?.close();
    } catch (error) {
      this.#options.logger.warn('cannot close the cache on disk', { file: this.#path, error: messageOf(error) });
    }
    this.#database = undefined;
    this.#statements = undefined;
  }

  get(key: string): CacheEntry | undefined {
    const entry = this.#writes.get(key) ?? this.#guarded(() => this.#read(key));
    if (entry === undefined) this.counts.misses++;
    else this.counts.hits++;
    return entry;
  }

  set(key: string, entry: CacheEntry): void {
    if (this.#statements === undefined) return;
    this.#writes.set(key, entry);
    if (this.#writes.size >= WRITES_MAX) this.#write();
    else this.#cancelWrite ??= this.#options.clock.after(WRITE_DELAY_MS, () => this.#write());
  }

  /** False when somebody else holds the file. */
  #tryOpen(): boolean {
    try {
      this.#prepare();
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      if (!isDamage(error)) throw error;
      this.#discard(messageOf(error));
      return true;
    }
  }

  #prepare(): void {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const database = new DatabaseSync(this.#path, { timeout: 0 });
    this.#database = database;
    try {
      this.#statements = prepareFile(database, this.#options.bytesMax);
      const row = database.prepare('SELECT count(*) AS entries, coalesce(sum(bytes), 0) AS bytes FROM entries').get();
      this.#entries = Number(row?.['entries']);
      this.#bytes = Number(row?.['bytes']);
    } catch (error) {
      this.#database = undefined;
      database.close();
      throw error;
    }
  }

  #read(key: string): CacheEntry | undefined {
    const row = this.#statements?.get.get(key) as unknown as Row | undefined;
    if (row === undefined) return undefined;
    // The key too: a row that was moved is as wrong as one that was changed.
    if (crc32(row.value, crc32(key)) !== row.checksum) throw new DamageError(`the entry "${preview(key)}" was changed`);
    const entry = unpackEntries(row.value).get(key);
    if (entry === undefined) throw new DamageError(`the entry "${preview(key)}" is that of another key`);
    if (this.#touched.size < WRITES_MAX) this.#touched.add(key);
    return entry;
  }

  #write(): void {
    this.#cancelWrite?.();
    this.#cancelWrite = undefined;
    const writes = new Map(this.#writes);
    this.#writes.clear();
    if (writes.size === 0) return;
    this.#guarded(() => {
      this.#database?.exec('BEGIN IMMEDIATE');
      try {
        const now = this.#options.clock.now();
        for (const key of this.#touched) this.#statements?.touch.run(now, key);
        for (const [key, entry] of writes) this.#put(key, entry, now);
        if (this.#bytes > this.#options.bytesMax) this.#evict();
        this.#database?.exec('COMMIT');
      } catch (error) {
        // An error of the disk may have ended the transaction already.
        if (this.#database?.isTransaction === true) this.#database.exec('ROLLBACK');
        this.#recount();
        throw error;
      }
    });
    this.#touched.clear();
  }

  #put(key: string, entry: CacheEntry, now: number): void {
    const { size, put } = this.#statements as Statements;
    const value = packEntries([[key, entry]]);
    const bytes = Buffer.byteLength(key) + value.length + ROW_BYTES;
    if (bytes > this.#options.bytesMax) return;
    const before = size.get(key)?.['bytes'];
    if (before === undefined) this.#entries++;
    this.#bytes += bytes - Number(before ?? 0);
    put.run(key, value, crc32(value, crc32(key)), now, bytes);
  }

  #evict(): void {
    const { oldest, remove } = this.#statements as Statements;
    const goal = this.#options.bytesMax * (1 - EVICTED_SHARE);
    for (const row of oldest.iterate()) {
      if (this.#bytes <= goal) break;
      remove.run(row['key'] as string);
      this.#entries--;
      this.#bytes -= Number(row['bytes']);
      this.counts.evictions++;
    }
  }

  #recount(): void {
    const row = this.#database
      ?.prepare('SELECT count(*) AS entries, coalesce(sum(bytes), 0) AS bytes FROM entries')
      .get();
    this.#entries = Number(row?.['entries'] ?? 0);
    this.#bytes = Number(row?.['bytes'] ?? 0);
  }

  /** What goes wrong on the disk costs answers from it, and never data. */
  #guarded<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (isDamage(error)) this.#discard(messageOf(error));
      else this.#options.logger.warn('the cache on disk failed', { file: this.#path, error: messageOf(error) });
      return undefined;
    }
  }

  #discard(reason: string): void {
    this.#options.logger.warn('the cache on disk is damaged and begins anew', { file: this.#path, reason });
    try {
      this.#database?.close();
    } catch {
      // It is thrown away in any case.
    }
    this.#database = undefined;
    this.#statements = undefined;
    this.#writes.clear();
    this.#touched.clear();
    try {
      for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(`${this.#path}${ending}`, { force: true });
      this.#prepare();
    } catch (error) {
      this.#options.logger.error('goes on without a cache on disk', { file: this.#path, error: messageOf(error) });
    }
  }
}

const PREVIEW_UNITS_MAX = 40;

function preview(key: string): string {
  return key.length > PREVIEW_UNITS_MAX ? `${key.slice(0, PREVIEW_UNITS_MAX)}…` : key;
}
