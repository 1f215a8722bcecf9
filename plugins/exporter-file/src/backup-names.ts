import { layersOfFileName } from '@millrace/codec';
import { basename, dirname, extname, join } from 'node:path';

/** A rotated file, as its name tells. */
export interface Backup {
  readonly path: string;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
}

/**
 * Names of the files that one path is rotated to: `logs.jsonl.zst` becomes `logs-2006-01-02T15-04-05.000.jsonl.zst`. The
 * Collector puts the time before the last extension only; before all of them, each program still knows its files by name.
 */
export class BackupNames {
  readonly #directory: string;
  readonly #stem: string;
  readonly #extensions: string;
  readonly #localtime: boolean;

  constructor(path: string, { localtime }: { localtime: boolean }) {
    const name = basename(path);
    const { baseName } = layersOfFileName(name);
    const stem = baseName.slice(0, baseName.length - extname(baseName).length);
    this.#directory = dirname(path);
    this.#stem = stem;
    this.#extensions = name.slice(stem.length);
    this.#localtime = localtime;
  }

  /** Where the file goes that is rotated at this time. `note` is a word that says what is special about it. */
  pathAt(atMs: number, note?: string): string {
    const suffix = note === undefined ? '' : `-${note}`;
    return join(this.#directory, `${this.#stem}-${this.#format(atMs)}${suffix}${this.#extensions}`);
  }

  /** What the name of a file in the same directory says; undefined for files that are not of this set. */
  parse(name: string): Backup | undefined {
    if (!name.startsWith(`${this.#stem}-`) || !name.endsWith(this.#extensions)) return undefined;
    const middle = name.slice(this.#stem.length + 1, name.length - this.#extensions.length);
    const parts = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})(-[a-z]+)?$/.exec(middle);
    if (parts === null) return undefined;
    const atMs = Date.parse(`${parts[1]}T${parts[2]}:${parts[3]}:${parts[4]}${this.#localtime ? '' : 'Z'}`);
    return Number.isNaN(atMs) ? undefined : { path: join(this.#directory, name), atMs };
  }

  #format(atMs: number): string {
    const time = new Date(atMs);
    // Shifted by the zone's offset, the UTC text shows local time.
    if (this.#localtime) time.setTime(atMs - time.getTimezoneOffset() * 60_000);
    return time.toISOString().slice(0, -1).replaceAll(':', '-');
  }
}
