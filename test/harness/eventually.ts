import { setTimeout as pause } from 'node:timers/promises';

const GIVE_UP_AFTER_MS = 20_000;
const LOOK_EVERY_MS = 15;

/**
 * Looks again and again until `look` gives something other than undefined: for what can only be asked and not be
 * subscribed to. Fails with `what` and the last thing that `look` threw.
 */
export async function eventually<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = performance.now() + GIVE_UP_AFTER_MS;
  for (let last: unknown; ;) {
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`, { cause: last });
    await pause(LOOK_EVERY_MS);
  }
}
