import { messageOf, readErrorText } from '@millrace/api';
import { parseIdentityFile, type AgeIdentity } from '@millrace/codec';
import { open, readFile } from 'node:fs/promises';

const READ_BYTES = 256 * 1024;

/** The content of a file, piece by piece. */
export async function* bytesOf(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await open(path);
  try {
    while (true) {
      // Each piece has its own memory: the readers keep it as long as they like.
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafeSlow(READ_BYTES));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** The secret keys of an age identity file. Throws an Error that says what is wrong with it. */
export async function readIdentities(path: string): Promise<AgeIdentity[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`cannot read the identity "${path}": ${readErrorText(error)}`, { cause: error });
  }
  try {
    return parseIdentityFile(text);
  } catch (error) {
    throw new Error(`"${path}" is not an identity file: ${messageOf(error)}`, { cause: error });
  }
}
