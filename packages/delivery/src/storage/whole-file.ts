import path from 'node:path';
import type { FileSystem } from './file-system.ts';

/** Reads a small file. */
export async function readWhole(files: FileSystem, file: string, bytesMax = 1024 * 1024): Promise<Buffer> {
  const { bytes } = await files.status(file);
  const content = Buffer.alloc(Math.min(bytes, bytesMax));
  const open = await files.open(file, 'read');
  try {
    return content.subarray(0, await open.read(content, 0));
  } finally {
    await open.close();
  }
}

/** Makes a file, complete and synced, under a name that nobody looks for; the caller gives it its own name. */
export async function writeWhole(files: FileSystem, file: string, content: Uint8Array): Promise<void> {
  const open = await files.open(file, 'create');
  try {
    await open.write([content], 0);
    await open.sync();
  } finally {
    await open.close();
  }
}

/** Makes or replaces a file so that, crash or not, either the old one is there or the new one. */
export async function replaceWhole(files: FileSystem, file: string, temporary: string, content: Uint8Array) {
  await unlinkIfThere(files, temporary);
  await writeWhole(files, temporary, content);
  await files.rename(temporary, file);
  await files.syncDirectory(path.dirname(file));
}

export async function unlinkIfThere(files: FileSystem, file: string): Promise<void> {
  try {
    await files.unlink(file);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
  }
}
