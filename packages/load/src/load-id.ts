import { randomBytes } from 'node:crypto';

const RUN_DIGITS = 8;
const NUMBER_DIGITS = 12;
const LOAD_ID_PATTERN = /^([0-9a-f]{8})-([0-9a-f]{12})$/;
const DIGITS = Buffer.from('0123456789abcdef', 'latin1');

/** The name of a run, by which its items are told from those of others. */
export function newRun(): string {
  return randomBytes(RUN_DIGITS / 2).toString('hex');
}

/** Whose item it is, and its number in that run; undefined for what is no id. */
export function parseLoadId(text: string): { readonly run: string; readonly number: number } | undefined {
  const [, run, digits] = LOAD_ID_PATTERN.exec(text) ?? [];
  return run === undefined || digits === undefined ? undefined : { run, number: Number.parseInt(digits, 16) };
}

/** Writes the ids of a request's items, `run-number`, in the places that were kept for them. */
export class LoadIdWriter {
  readonly #offsets: readonly number[];

  constructor(offsets: readonly number[]) {
    this.#offsets = offsets;
  }

  /** What stands in the places before. It is found nowhere else: nothing else in the corpus has a `#`. */
  static placeholder(run: string): string {
    return `${run}-${'#'.repeat(NUMBER_DIGITS)}`;
  }

  /** Numbers the items from `first` on. */
  write(request: Uint8Array, first: number): void {
    for (let index = 0; index < this.#offsets.length; index++) {
      let rest = first + index;
      const start = this.#offsets[index] + RUN_DIGITS + 1;
      for (let at = start + NUMBER_DIGITS - 1; at >= start; at--) {
        request[at] = DIGITS[rest % 16];
        rest = Math.floor(rest / 16);
      }
    }
  }
}
