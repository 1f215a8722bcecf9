import type { ManualClock } from '../manual-clock.ts';

/** Rounds after which something that ought to end counts as stuck. */
const ROUNDS_MAX = 4_000;

/** Lets simulated time pass until `work` is settled; throws `stuck` when it is not after a very long time. */
export async function drive<T>(clock: ManualClock, work: Promise<T>, stuck: string): Promise<T> {
  const state = { settled: false };
  const note = () => void (state.settled = true);
  work.then(note, note);
  for (let round = 0; !state.settled; round++) {
    if (round === ROUNDS_MAX) throw new Error(stuck);
    // Immediates run what is ready; time moves on only when that has had its turn.
    if (round % 8 === 7) await clock.advance(round < 800 ? 50 : 1_000);
    else await clock.settle();
  }
  return work;
}
