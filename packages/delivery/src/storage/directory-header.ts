import path from 'node:path';
import { crc32 } from 'node:zlib';
import { ComponentError } from '@millrace/api';
import { DIRECTORY_HEADER } from './directory-layout.ts';
import { codeOf } from './file-system.ts';
import type { FileSystem } from './file-system.ts';
import { FORMAT_VERSION, STORE_ID_BYTES } from './segment-header.ts';
import { readWhole, replaceWhole } from './whole-file.ts';

const FORMAT = 'millrace-storage';

/** What holds for a whole directory. */
export interface DirectoryHeader {
  readonly version: number;
  /** Random; a part of every checksum, so that no record of another store is ever taken for one of this. */
  readonly storeId: Uint8Array;
  /** Whether it has a checksum; the first versions wrote none. */
  readonly isChecked: boolean;
}

/** `missing` or `damaged`: the segments know what it says. Throws STORAGE_NEWER. */
export async function readDirectoryHeader(
  files: FileSystem,
  directory: string,
): Promise<DirectoryHeader | 'missing' | 'damaged'> {
  let text: string;
  try {
    text = (await readWhole(files, path.join(directory, DIRECTORY_HEADER))).toString();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'missing';
    throw error;
  }
  const content = checkedContent(text);
  if (content === undefined) return 'damaged';
  const { version, store, isChecked } = content;
  refuseNewer(version, directory);
  const storeId = Buffer.from(store, 'hex');
  const isWhole = storeId.length === STORE_ID_BYTES && store.length === 2 * STORE_ID_BYTES;
  return isWhole ? { version, storeId, isChecked } : 'damaged';
}

/** Undefined where the checksum, which the first versions did not write, does not match. */
function checkedContent(
  text: string,
): { readonly version: number; readonly store: string; readonly isChecked: boolean } | undefined {
  let content: Partial<Record<string, unknown>>;
  try {
    content = JSON.parse(text) as typeof content;
  } catch {
    return undefined;
  }
  const { format, version, store, crc32: checksum } = content;
  if (format !== FORMAT || typeof version !== 'number' || typeof store !== 'string') return undefined;
  if (checksum !== undefined && checksum !== checksumOf({ version, store })) return undefined;
  return { version, store, isChecked: checksum !== undefined };
}

function checksumOf({ version, store }: { readonly version: number; readonly store: string }): number {
  return crc32(`${version} ${store}`);
}

export async function writeDirectoryHeader(
  files: FileSystem,
  directory: string,
  storeId: Uint8Array,
): Promise<DirectoryHeader> {
  const store = Buffer.from(storeId).toString('hex');
  const version = FORMAT_VERSION;
  const content = { format: FORMAT, version, store, crc32: checksumOf({ version, store }) };
  const file = path.join(directory, DIRECTORY_HEADER);
  await replaceWhole(files, file, path.join(directory, 'header-1.new'), Buffer.from(`${JSON.stringify(content)}\n`));
  return { version: FORMAT_VERSION, storeId, isChecked: true };
}

export function refuseNewer(version: number, place: string): void {
  if (version <= FORMAT_VERSION) return;
  throw new ComponentError(
    `${place} was written by a newer version (format ${version}, this one knows up to ${FORMAT_VERSION})`,
    { code: 'STORAGE_NEWER', remedy: 'Run the newer version, or name another directory.' },
  );
}
