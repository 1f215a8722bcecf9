import type { FileSystem } from '../storage/file-system.ts';

const STEP_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/** Cuts off what follows the last line feed of a file: the line that a crash interrupted. Returns how many bytes. */
export async function cutTornLine(files: FileSystem, path: string): Promise<number> {
  const { bytes } = await files.status(path);
  const file = await files.open(path, 'write');
  try {
    const end = await endOfLastLine(file, bytes);
    if (end === bytes) return 0;
    await file.truncate(end);
    await file.sync();
    return bytes - end;
  } finally {
    await file.close();
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
