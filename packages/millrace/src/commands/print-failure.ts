import type { Writable } from 'node:stream';
import { ComponentError, messageOf } from '@millrace/api';

/** Tells why a command failed, and what to do about it where the error knows. */
export function printFailure(command: string, error: unknown, stderr: Writable): void {
  const remedy = error instanceof ComponentError && error.remedy !== undefined ? `\n  ${error.remedy}` : '';
  stderr.write(`millrace ${command}: ${messageOf(error)}${remedy}\n`);
}
