import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, ComponentError, readErrorText } from '@millrace/api';
import { MachineProcesses, NodeFileSystem, STORAGE_KEY_BYTES, type ToolOptions } from '@millrace/delivery';
import { silentLogger, systemClock } from '@millrace/engine';

/** What the tools for a storage directory need; keys are read from files. Throws a ComponentError. */
export async function toolOptions(
  directory: string,
  { keyFiles, besideOwner }: { readonly keyFiles: readonly string[]; readonly besideOwner: boolean },
): Promise<ToolOptions> {
  return {
    directory: path.resolve(directory),
    keys: await Promise.all(keyFiles.map(readKey)),
    files: new NodeFileSystem(),
    processes: new MachineProcesses(),
    clock: WAITING_CLOCK,
    logger: silentLogger,
    randomBytes: (count) => randomBytes(count),
    besideOwner,
  };
}

/** Unlike a collector's, its timers keep the process alive: the tools wait for nothing else. */
const WAITING_CLOCK: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

async function readKey(file: string): Promise<Uint8Array> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new ComponentError(`cannot read the key file "${file}": ${readErrorText(error)}`, {
      code: 'KEY_UNREADABLE',
      cause: error,
    });
  }
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === STORAGE_KEY_BYTES) return key;
  throw new ComponentError(`"${file}" does not hold a key: it must be ${STORAGE_KEY_BYTES} bytes as base64`, {
    code: 'KEY_INVALID',
    remedy: 'name the key_file of the storage extension',
  });
}
