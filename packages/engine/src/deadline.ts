import type { Clock } from '@millrace/api';

/** Waits for `work`, but no longer than until `end` on the clock's monotonic time. Says whether it finished. */
export async function before(clock: Clock, end: number, work: Promise<unknown>): Promise<boolean> {
  let cancel = () => {};
  const late = new Promise<boolean>((resolve) => {
    cancel = clock.after(Math.max(0, end - clock.monotonic()), () => resolve(false));
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    cancel();
  }
}
