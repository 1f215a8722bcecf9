import { median } from '../statistics.ts';

export interface Suspicion {
  /** CPU of the working tree divided by that of the base, of each round. */
  readonly ratios: readonly number[];
  readonly median: number;
  readonly isSlower: boolean;
}

/** How often what looks slower is measured again, each time with twice the rounds. */
const REPEATS = 2;

/**
 * Measures until the middle of the ratios is within the bound: a machine that others use is slow at times, and code that
 * got slower is so each time.
 */
export async function suspect(
  measure: (rounds: number) => Promise<readonly number[]>,
  { bound, rounds }: { readonly bound: number; readonly rounds: number },
): Promise<Suspicion> {
  for (let repeat = 0; ; repeat++) {
    const ratios = await measure(rounds * 2 ** repeat);
    const middle = median(ratios);
    // What is not a number is not within.
    const isSlower = !(middle <= bound);
    if (!isSlower || repeat === REPEATS) return { ratios, median: middle, isSlower };
  }
}
