import path from 'node:path';
import type { FileSystem, OpenFile } from '../storage/file-system.ts';
import { quarantine, type Quarantined } from '../storage/quarantine.ts';

const STEP_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;
/** What a disk gives for what was never written. JSON has no such byte. */
const UNWRITTEN = Buffer.alloc(8);

/**
 * Puts the end of a file aside that does not check: a line that a crash interrupted, lines of which it left out a part, or a
 * line whose line feed was damaged. Lines in it that are whole stay in the file. Undefined where all of it is as it should be.
 */
export async function putTornEndAside(
  files: FileSystem,
  directory: string,
  name: string,
): Promise<Quarantined | undefined> {
  const target = path.join(directory, name);
  const { bytes } = await files.status(target);
  const file = await files.open(target, 'write');
  try {
    const hole = await firstUnwritten(file, bytes);
    const offset = await endOfLastLine(file, hole ?? bytes);
    if (offset === bytes) return undefined;
    const reason = 'the last lines are not whole: half-written by a crash, or damaged';
    const report = await quarantine(files, directory, { file: target, offset, bytes: bytes - offset, reason });
    // Without a copy it stays: what comes next goes to another file.
    if (report.copy === undefined) return report;
    const end = Buffer.allocUnsafeSlow(bytes - offset);
    const whole = [...wholeLinesIn(end.subarray(0, await file.read(end, offset)))];
    await file.truncate(offset);
    if (whole.length > 0) await file.write(whole, offset);
    await file.sync();
    return report;
  } finally {
    await file.close();
  }
}

function* wholeLinesIn(end: Buffer): Iterable<Buffer> {
  for (let start = 0; start < end.length;) {
    const found = end.indexOf(LINE_FEED, start);
    // Of the very last one, the line feed itself may be damaged.
    const line = end.subarray(start, found < 0 ? end.length - 1 : found);
    if (isJson(line)) yield Buffer.concat([line, Buffer.of(LINE_FEED)]);
    start += line.length + 1;
  }
}

function isJson(line: Buffer): boolean {
  try {
    JSON.parse(line.toString());
    return true;
  } catch {
    return false;
  }
}

async function firstUnwritten(file: Pick<OpenFile, 'read'>, bytes: number): Promise<number | undefined> {
  const buffer = Buffer.alloc(STEP_BYTES);
  for (let at = 0; at < bytes; at += STEP_BYTES - UNWRITTEN.length) {
    const read = await file.read(buffer, at);
    const found = buffer.subarray(0, read).indexOf(UNWRITTEN);
    if (found >= 0) return at + found;
  }
  return undefined;
}

async function endOfLastLine(file: Pick<OpenFile, 'read'>, bytes: number): Promise<number> {
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
