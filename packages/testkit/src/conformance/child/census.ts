import { createHook } from 'node:async_hooks';

/** How often leftovers are looked at, and how often before they count as leaks. */
const LOOK_EVERY_MS = 5;
const LOOKS_MAX = 200;

/**
 * Counts what keeps a process busy. Node names the resources that keep the event loop alive; timers are counted by
 * their creation and end, as one that was unref'ed is a leak too.
 */
export class Census {
  readonly #timers = new Set<number>();
  #ownTimer = false;

  constructor() {
    const hook = createHook({
      init: (id, type) => {
        if (type === 'Timeout' && !this.#ownTimer) this.#timers.add(id);
      },
      destroy: (id) => void this.#timers.delete(id),
    });
    hook.enable();
  }

  take(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const type of process.getActiveResourcesInfo()) {
      if (type !== 'Timeout' && type !== 'Immediate') counts.set(type, (counts.get(type) ?? 0) + 1);
    }
    counts.set('Timeout', this.#timers.size);
    for (const event of process.eventNames())
      counts.set(`listener of process.${String(event)}`, process.listenerCount(event));
    return counts;
  }

  /** What there is more of than before, once nothing changes any more. */
  async leftovers(before: ReadonlyMap<string, number>): Promise<readonly string[]> {
    let found: string[] = [];
    for (let look = 0; look < LOOKS_MAX; look++) {
      found = [];
      for (const [type, count] of this.take()) {
        const more = count - (before.get(type) ?? 0);
        if (more > 0) found.push(`${more} × ${type}`);
      }
      if (found.length === 0) break;
      await this.pause();
    }
    return found;
  }

  /** Lets the outside world go on; its timer is not counted. */
  pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#ownTimer = true;
      setTimeout(resolve, LOOK_EVERY_MS);
      this.#ownTimer = false;
    });
  }
}
