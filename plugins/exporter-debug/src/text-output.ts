import { ComponentError, messageOf } from '@millrace/api';
import { open } from 'node:fs/promises';

/** Somewhere that text goes. */
export interface TextOutput {
  /** Resolves when the text was passed on. */
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens `stdout`, `stderr` or a file to append to.
 * @throws {ComponentError} for a file that cannot be opened
 */
export async function openOutput(path: string): Promise<TextOutput> {
  if (path === 'stdout') return streamOutput(process.stdout);
  if (path === 'stderr') return streamOutput(process.stderr);
  try {
    const handle = await open(path, 'a', 0o600);
    // Calls come one after the other: the sink waits for each.
    return { write: (text) => handle.appendFile(text), close: () => handle.close() };
  } catch (error) {
    throw new ComponentError(`cannot write "${path}": ${messageOf(error)}`, {
      code: 'OUTPUT_OPEN',
      remedy: 'check the directory and its permissions, or use stdout',
      cause: error,
    });
  }
}

/** A stream that belongs to the process and stays open. */
export function streamOutput(stream: NodeJS.WritableStream): TextOutput {
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => Promise.resolve(),
  };
}
