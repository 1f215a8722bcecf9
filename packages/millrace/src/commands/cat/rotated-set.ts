import { layersOfFileName } from '@millrace/codec';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

/**
 * The files that the exporter with `path` has written, oldest first: those it was rotated to, and the current one. For a file
 * that was not rotated that is the file alone.
 */
export async function rotatedSet(path: string): Promise<string[]> {
  const name = basename(path);
  const names = await readdir(dirname(path)).catch((): string[] => []);
  const older = names.filter((each) => isRotatedFrom(name, each)).toSorted(byTime);
  const paths = older.map((each) => join(dirname(path), each));
  // Between the renaming of one file and the making of the next, there is none.
  return paths.length > 0 && !names.includes(name) ? paths : [...paths, path];
}

/** Does its writer say that the file has not ended? */
export async function isBeingWritten(path: string): Promise<boolean> {
  const lock = join(dirname(path), `.${basename(path)}.lock`);
  return (await stat(lock).catch(() => undefined)) !== undefined;
}

/**
 * `logs.jsonl.zst` is rotated to `logs-2006-01-02T15-04-05.000.jsonl.zst`, by the Collector to
 * `logs.jsonl-2006-01-02T15-04-05.000-size.zst`; a word may follow the time.
 */
function isRotatedFrom(name: string, other: string): boolean {
  return [stemOf(name), name.slice(0, name.length - extname(name).length)].some((stem) => {
    const extensions = name.slice(stem.length);
    if (!other.startsWith(`${stem}-`) || !other.endsWith(extensions)) return false;
    return WHOLE_TIME.test(other.slice(stem.length + 1, other.length - extensions.length));
  });
}

/** The name without any extension of a format or a layer around it. */
function stemOf(name: string): string {
  const { baseName } = layersOfFileName(name);
  return baseName.slice(0, baseName.length - extname(baseName).length);
}

function byTime(one: string, other: string): number {
  const [time, otherTime] = [TIME.exec(one)?.[0] ?? '', TIME.exec(other)?.[0] ?? ''];
  return time < otherTime ? -1 : time > otherTime ? 1 : 0;
}

const TIME = /\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}/;
const WHOLE_TIME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}(-[a-z]+)?$/;
