import { messageOf, readErrorText } from '@millrace/api';
import { AgeError, CodecError, type AgeIdentity } from '@millrace/codec';
import type { Writable } from 'node:stream';
import { paintFor } from '../display/paint.ts';
import { ByteOutput } from './cat/byte-output.ts';
import { bytesOf, readIdentities } from './cat/file-input.ts';
import { fileMessages } from './cat/file-messages.ts';
import { RecordText } from './cat/record-text.ts';
import { isBeingWritten, rotatedSet } from './cat/rotated-set.ts';

export interface CatOptions {
  /** File with the secret key. */
  readonly identity?: string;
  readonly json?: boolean;
}

/** Where output goes, for tests. */
export interface CatStreams {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
}

/**
 * Prints the records of telemetry files, those that each was rotated to first, oldest first. What compressed or encrypted
 * them, and what format they have, their bytes tell. Holds one batch at a time.
 *
 * @returns the exit code: 1 if a file could not be read to its end. The others are printed all the same.
 */
export async function cat(
  files: readonly string[],
  options: CatOptions,
  { stdout, stderr }: CatStreams = process,
): Promise<number> {
  const report = (message: string) => void stderr.write(`millrace cat: ${message}\n`);
  let identities: readonly AgeIdentity[];
  try {
    identities = options.identity === undefined ? [] : await readIdentities(options.identity);
  } catch (error) {
    report(messageOf(error));
    return 1;
  }
  const output = new ByteOutput(stdout);
  let code = 0;
  for (const file of files) {
    for (const path of await rotatedSet(file)) {
      const problem = await printFile(path, { identities, json: options.json === true, output });
      await output.flush();
      if (output.isClosed) return code;
      if (problem === undefined) continue;
      report(`${path}: ${problem}`);
      code = 1;
    }
  }
  return code;
}

/** Prints one file; returns what kept it from being read to its end. */
async function printFile(
  path: string,
  { identities, json, output }: { identities: readonly AgeIdentity[]; json: boolean; output: ByteOutput },
): Promise<string | undefined> {
  const text = new RecordText(paintFor(output.stream));
  try {
    for await (const message of fileMessages(bytesOf(path), { identities })) {
      if (json) output.line(message.json());
      else for (const line of text.lines(message.signal, message.proto())) output.text(line);
      if (output.isFull) await output.flush();
      if (output.isClosed) return undefined;
    }
    return undefined;
  } catch (error) {
    return await explain(path, error, identities.length);
  }
}

async function explain(path: string, error: unknown, identityCount: number): Promise<string> {
  if ((error as NodeJS.ErrnoException).syscall !== undefined) return readErrorText(error);
  if (error instanceof AgeError && error.code === 'NO_MATCHING_IDENTITY') {
    return identityCount === 0
      ? 'is encrypted: give the key with --identity FILE'
      : `is encrypted for somebody else: ${error.message}`;
  }
  const isCut = (error instanceof AgeError || error instanceof CodecError) && error.code === 'TRUNCATED';
  if (isCut && (await isBeingWritten(path))) {
    return `${messageOf(error)}: it is not finished, as it is being written or its writer was killed`;
  }
  // A codec counts in what it was given, which is not the file where that is encrypted.
  const inside = error instanceof CodecError && (await isEncrypted(path)) ? ' of the decrypted data' : '';
  return `${messageOf(error)}${inside}`;
}

async function isEncrypted(path: string): Promise<boolean> {
  for await (const bytes of bytesOf(path)) return Buffer.from(bytes.subarray(0, 3)).toString('latin1') === 'age';
  return false;
}
