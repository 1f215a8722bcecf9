import { readFile } from 'node:fs/promises';
import { ComponentError, messageOf } from '@millrace/api';
import type { Settings } from './settings.ts';

const KEY_BYTES = 32;

/** The bytes of a key that was written as base64, standard or for URLs; undefined when it is something else. */
export function keyOf(text: string): Uint8Array | undefined {
  const trimmed = text.trim();
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return undefined;
  const bytes = Buffer.from(trimmed, 'base64');
  return bytes.length === KEY_BYTES ? bytes : undefined;
}

/** All keys: the one that encrypts, and the earlier ones. Throws a ComponentError that names the file at fault. */
export async function keysOf({ encryption }: Settings): Promise<readonly Uint8Array[]> {
  if (encryption === undefined) return [];
  const { key, key_file: file, previous_key_files: previous } = encryption;
  const first = key === undefined ? [] : [keyOf(key) as Uint8Array];
  const files = file === undefined ? previous : [file, ...previous];
  return [...first, ...(await Promise.all(files.map(readKey)))];
}

async function readKey(file: string): Promise<Uint8Array> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new ComponentError(`cannot read the key of the storage: ${messageOf(error)}`, {
      code: 'STORAGE_KEY_UNREADABLE',
      remedy: 'Check the path and its permissions; make a key with: openssl rand -base64 32',
      cause: error,
    });
  }
  const key = keyOf(text);
  if (key !== undefined) return key;
  throw new ComponentError(`${file} does not hold a key: it must be 32 bytes as base64`, {
    code: 'STORAGE_KEY_INVALID',
    remedy: 'Make one with: openssl rand -base64 32',
  });
}
