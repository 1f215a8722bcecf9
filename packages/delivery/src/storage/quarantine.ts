import path from 'node:path';
import { QUARANTINE } from './directory-layout.ts';
import type { FileSystem } from './file-system.ts';
import { replaceWhole, unlinkIfThere } from './whole-file.ts';

/** What the report beside a quarantined part says. */
export interface Quarantined {
  /** The file that it was in. */
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
  readonly reason: string;
  /** Where the bytes are now, within the directory; undefined when they could not be copied and stay where they are. */
  readonly copy: string | undefined;
}

const COPY_STEP_BYTES = 1024 * 1024;
/** What a copy leaves free: the lock of the next start needs some, too. */
const FREE_BYTES_MIN = 1024 * 1024;

/** Copies damaged bytes beside the queue, with a report: somebody may still make sense of them. */
export async function quarantine(
  files: FileSystem,
  directory: string,
  part: { readonly file: string; readonly offset: number; readonly bytes: number; readonly reason: string },
): Promise<Quarantined> {
  const { file, offset, bytes, reason } = part;
  const folder = path.join(directory, QUARANTINE);
  const name = `${path.basename(file, '.seg')}-${offset}.bad`;
  const left = { file: path.basename(file), offset, bytes, reason, copy: undefined };
  try {
    if ((await files.freeBytes(directory)) < bytes + FREE_BYTES_MIN) return left;
    await files.makeDirectory(folder);
    await copyPart(files, part, path.join(folder, name));
    const copy = `${QUARANTINE}/${name}`;
    const report = { file: path.basename(file), offset, bytes, reason, copy };
    const json = Buffer.from(`${JSON.stringify(report, undefined, 2)}\n`);
    await replaceWhole(files, path.join(folder, `${name}.json`), path.join(folder, `${name}.json.new`), json);
    await files.syncDirectory(directory);
    return report;
  } catch {
    // The part is left where it is, and comes up again at the next start.
    await unlinkIfThere(files, path.join(folder, name)).catch(() => undefined);
    return left;
  }
}

/** What was put aside so far. */
export async function quarantinedBytes(files: FileSystem, directory: string): Promise<number> {
  const folder = path.join(directory, QUARANTINE);
  let bytes = 0;
  for (const name of await files.list(folder).catch(() => [])) {
    bytes += (await files.status(path.join(folder, name))).bytes;
  }
  return bytes;
}

async function copyPart(
  files: FileSystem,
  { file, offset, bytes }: { readonly file: string; readonly offset: number; readonly bytes: number },
  to: string,
): Promise<void> {
  await unlinkIfThere(files, to);
  const from = await files.open(file, 'read');
  try {
    const copy = await files.open(to, 'create');
    try {
      const buffer = Buffer.allocUnsafeSlow(Math.min(bytes, COPY_STEP_BYTES));
      for (let done = 0; done < bytes; done += buffer.length) {
        const read = await from.read(buffer.subarray(0, Math.min(buffer.length, bytes - done)), offset + done);
        if (read === 0) break;
        await copy.write([buffer.subarray(0, read)], done);
      }
      await copy.sync();
    } finally {
      await copy.close();
    }
  } finally {
    await from.close();
  }
}
