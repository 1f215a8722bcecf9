import { readKeyFile } from './key-file.ts';
import type { JweKey } from './jwe-key.ts';
import { type KeyAlgorithm, parseJweKey } from './parse-jwe-key.ts';
import type { PseudonymKey } from './pseudonym-key.ts';

/** A key as configurations name it: its text, or the file that holds it. */
export interface KeySource {
  readonly kid?: string | undefined;
  readonly algorithm?: KeyAlgorithm | undefined;
  readonly value?: string | undefined;
  readonly file?: string | undefined;
}

/** Reads the file, if there is one: call it at start. @throws JweError `MALFORMED_KEY` or `KEY_FILE` */
export function openKey({ kid, algorithm, value, file }: KeySource): JweKey | PseudonymKey {
  return parseJweKey({ text: value ?? readKeyFile(file ?? ''), kid, algorithm });
}
