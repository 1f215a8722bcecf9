import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { JweError } from './jwe-error.ts';

/** A key file is small; a mistaken path may not be. */
const KEY_FILE_BYTES_MAX = 64 * 1024;
/** Write for the group; anything for others. Group read is how containers hand secrets over. */
const OPEN_TO_OTHERS = 0o027;

/**
 * The text of a key file. One that holds a secret may be read by nobody else, and written by its owner only; a public key by
 * everybody. Blocks, so call it at start.
 * @throws JweError `KEY_FILE`
 */
export function readKeyFile(path: string): string {
  let descriptor: number;
  try {
    // A pipe without a writer would be waited for.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file; check the path' : code;
    throw new JweError('KEY_FILE', `cannot read the key file "${path}": ${why}`);
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new JweError('KEY_FILE', `the key file "${path}" is not a file`);
    if (status.size > KEY_FILE_BYTES_MAX) {
      throw new JweError('KEY_FILE', `the key file "${path}" has more than ${KEY_FILE_BYTES_MAX} bytes: it is no key`);
    }
    const bytes = Buffer.alloc(status.size);
    const text = bytes.toString('latin1', 0, readSync(descriptor, bytes));
    if (!isPublic(text) && (status.mode & OPEN_TO_OTHERS) !== 0) throw tooOpen(path, status.mode);
    return text;
  } finally {
    closeSync(descriptor);
  }
}

function tooOpen(path: string, mode: number): JweError {
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  return new JweError(
    'KEY_FILE',
    `others can read or change the secret key in "${path}" (mode ${octal}): chmod 600 it`,
  );
}

/** Whether there is certainly no secret in it. */
function isPublic(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed.startsWith('-----BEGIN')) return !trimmed.includes('PRIVATE KEY');
  if (!trimmed.startsWith('{')) return false;
  try {
    const jwk = JSON.parse(trimmed) as object;
    return !('d' in jwk) && !('k' in jwk);
  } catch {
    return false;
  }
}
