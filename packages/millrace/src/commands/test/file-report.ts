import { ConfigErrors, formatProblems } from '@millrace/config';
import type { TestResult } from '@millrace/rehearsal';

/** How the tests of one file ended. */
export interface FileReport {
  readonly file: string;
  readonly results: readonly TestResult[];
  /** The file, or the configuration that it is about, cannot be used. */
  readonly error: ConfigErrors | Error | undefined;
}

/** What is wrong with a file, in lines for people. */
export function errorText(error: Error, { isTTY = false }: { readonly isTTY?: boolean }): string {
  if (!(error instanceof ConfigErrors)) return `${error.message}\n`;
  return `${formatProblems(error.errors, { color: isTTY, excerpts: isTTY, severity: true })}\n`;
}
