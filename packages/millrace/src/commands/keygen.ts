import { messageOf, readErrorText } from '@millrace/api';
import {
  formatIdentityFile,
  formatRecipient,
  generateIdentity,
  parseIdentityFile,
  parseRecipientFile,
  recipientOf,
} from '@millrace/codec';
import { NodeFileSystem } from '@millrace/delivery';
import { open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';

export interface KeygenOptions {
  /** An existing key is left as it is. */
  readonly ifMissing?: boolean;
}

/**
 * Makes an age key pair: the secret key in `file` (mode 0600, in a folder that is made if it is missing), the recipient in
 * `file.pub` and on the standard output. Never replaces either: what was encrypted for a key that is gone could not be read
 * any more. The secret half may have been moved elsewhere: where only `file.pub` is there, that counts as existing.
 *
 * @returns the exit code
 */
export async function keygen(
  file: string,
  { ifMissing = false }: KeygenOptions,
  { stdout, stderr }: { stdout: Writable; stderr: Writable } = process,
): Promise<number> {
  try {
    const existing = await existingPair(file);
    if (existing !== undefined && !ifMissing) {
      const remedy = 'name another file, or use --if-missing to keep it';
      stderr.write(`millrace keygen: "${existing.path}" exists already: ${remedy}\n`);
      return 1;
    }
    const recipient = existing === undefined ? await makePair(file) : existing.recipient;
    if (existing?.path === file) await writePublicHalf(file, recipient);
    stdout.write(`${recipient}\n`);
    return 0;
  } catch (error) {
    stderr.write(`millrace keygen: ${messageOf(error)}\n`);
    return 1;
  }
}

interface Existing {
  /** Which of the two files is there; the secret one where both are. */
  readonly path: string;
  readonly recipient: string;
}

/** @throws Error for a file that is something else than a key */
async function existingPair(file: string): Promise<Existing | undefined> {
  const secret = await textOf(file);
  if (secret !== undefined) return existing(file, () => recipientOf(parseIdentityFile(secret)[0]));
  const path = publicFileOf(file);
  const recipients = await textOf(path);
  return recipients === undefined ? undefined : existing(path, () => parseRecipientFile(recipients)[0]);
}

function existing(path: string, parse: () => Parameters<typeof formatRecipient>[0]): Existing {
  try {
    return { path, recipient: formatRecipient(parse()) };
  } catch (error) {
    throw new Error(`"${path}" exists and is not a key: ${messageOf(error)}`, { cause: error });
  }
}

async function makePair(file: string): Promise<string> {
  const identity = generateIdentity();
  const recipient = formatRecipient(recipientOf(identity));
  await new NodeFileSystem().makeDirectory(dirname(file));
  await writeNew(file, formatIdentityFile(identity, new Date()), 0o600);
  try {
    await writePublicHalf(file, recipient);
  } catch (error) {
    // Half a pair would keep the next try from making a whole one.
    await rm(file, { force: true });
    throw error;
  }
  return recipient;
}

/** Writes the public half, unless it is there. */
async function writePublicHalf(file: string, recipient: string): Promise<void> {
  const path = publicFileOf(file);
  if ((await textOf(path)) === undefined) await writeNew(path, `${recipient}\n`, 0o644);
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`cannot read "${path}": ${readErrorText(error)}`, { cause: error });
  }
}

/** Through to the disk: a key that a power failure takes away takes what was encrypted for it along. */
async function writeNew(path: string, text: string, mode: number): Promise<void> {
  const handle = await open(path, 'wx', mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function publicFileOf(file: string): string {
  return `${file}.pub`;
}
