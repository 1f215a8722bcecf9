import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';

/** What tells a file from another one that has its name later: how it begins. */
export interface FileIdentity {
  /** Length of what was looked at; a file may have been shorter then. */
  readonly headBytes: number;
  readonly headHash: string;
}

const HEAD_BYTES = 4096;

/** Of a file as it is now. */
export async function identityOf(file: string): Promise<FileIdentity> {
  return identityOfHead(await headOf(file, HEAD_BYTES));
}

/** Whether a file begins as it did. */
export async function isSameFile(file: string, { headBytes, headHash }: FileIdentity): Promise<boolean> {
  const now = identityOfHead(await headOf(file, headBytes));
  return now.headBytes === headBytes && now.headHash === headHash;
}

/** Length of a file in bytes. */
export async function lengthOf(file: string): Promise<number> {
  return (await stat(file)).size;
}

function identityOfHead(head: Uint8Array): FileIdentity {
  return { headBytes: head.length, headHash: createHash('sha256').update(head).digest('hex') };
}

async function headOf(file: string, bytes: number): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await handle.read(buffer, 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
