import path from 'node:path';
import { ComponentError } from '@millrace/api';
import { DIRECTORY_HEADER } from './directory-layout.ts';
import { codeOf } from './file-system.ts';
import type { FileSystem } from './file-system.ts';
import { FORMAT_VERSION, STORE_ID_BYTES } from './segment-header.ts';
import { readWhole, replaceWhole } from './whole-file.ts';

/** What holds for a whole directory. */
export interface DirectoryHeader {
  readonly version: number;
  /** Random; a part of every checksum, so that no record of another store is ever taken for one of this. */
  readonly storeId: Uint8Array;
}

/** Undefined when there is none, or none that can be read: the segments know what it says. */
export async function readDirectoryHeader(files: FileSystem, directory: string): Promise<DirectoryHeader | undefined> {
  let text: string;
  try {
    text = (await readWhole(files, path.join(directory, DIRECTORY_HEADER))).toString();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  let content: Partial<Record<string, unknown>>;
  try {
    content = JSON.parse(text) as typeof content;
  } catch {
    return undefined;
  }
  const { format, version, store } = content;
  if (format !== 'millrace-storage' || typeof version !== 'number' || typeof store !== 'string') return undefined;
  refuseNewer(version, directory);
  const storeId = Buffer.from(store, 'hex');
  return storeId.length === STORE_ID_BYTES && store.length === 2 * STORE_ID_BYTES ? { version, storeId } : undefined;
}

export async function writeDirectoryHeader(
  files: FileSystem,
  directory: string,
  storeId: Uint8Array,
): Promise<DirectoryHeader> {
  const content = { format: 'millrace-storage', version: FORMAT_VERSION, store: Buffer.from(storeId).toString('hex') };
  const file = path.join(directory, DIRECTORY_HEADER);
  await replaceWhole(files, file, path.join(directory, 'header-1.new'), Buffer.from(`${JSON.stringify(content)}\n`));
  return { version: FORMAT_VERSION, storeId };
}

export function refuseNewer(version: number, place: string): void {
  if (version <= FORMAT_VERSION) return;
  throw new ComponentError(
    `${place} was written by a newer version (format ${version}, this one knows up to ${FORMAT_VERSION})`,
    { code: 'STORAGE_NEWER', remedy: 'Run the newer version, or name another directory.' },
  );
}
