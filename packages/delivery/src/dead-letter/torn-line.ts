import path from 'node:path';
import type { FileSystem, OpenFile } from '../storage/file-system.ts';
import { quarantine, type Quarantined } from '../storage/quarantine.ts';

const STEP_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/**
 * Puts aside what follows the last line feed of a file: the line that a crash interrupted, or one of which the line feed was
 * damaged. Undefined where nothing does. Where only the line feed is wrong, it is mended.
 */
export async function putTornLineAside(
  files: FileSystem,
  directory: string,
  name: string,
): Promise<Quarantined | undefined> {
  const target = path.join(directory, name);
  const { bytes } = await files.status(target);
  const file = await files.open(target, 'write');
  try {
    const offset = await endOfLastLine(file, bytes);
    if (offset === bytes) return undefined;
    const reason = 'the last line has no end: half-written by a crash, or damaged';
    const report = await quarantine(files, directory, { file: target, offset, bytes: bytes - offset, reason });
    if (await isWholeBut(file, { offset, end: bytes - 1 })) await file.write([Buffer.of(LINE_FEED)], bytes - 1);
    else await file.truncate(offset);
    await file.sync();
    return report;
  } finally {
    await file.close();
  }
}

/** Whether an entry stands there, whole, but for its line feed. */
async function isWholeBut(
  file: Pick<OpenFile, 'read'>,
  { offset, end }: { readonly offset: number; readonly end: number },
): Promise<boolean> {
  const line = Buffer.allocUnsafeSlow(end - offset);
  try {
    const read = await file.read(line, offset);
    JSON.parse(line.subarray(0, read).toString());
    return read === line.length;
  } catch {
    return false;
  }
}

async function endOfLastLine(
  file: { read(into: Uint8Array, position: number): Promise<number> },
  bytes: number,
): Promise<number> {
  const buffer = Buffer.alloc(STEP_BYTES);
  for (let end = bytes; end > 0;) {
    const start = Math.max(0, end - STEP_BYTES);
    const read = await file.read(buffer.subarray(0, end - start), start);
    const found = buffer.subarray(0, read).lastIndexOf(LINE_FEED);
    if (found >= 0) return start + found + 1;
    end = start;
  }
  return 0;
}
