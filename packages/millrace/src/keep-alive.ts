/** Longest period of a timer. */
const PERIOD_MS = 2 ** 31 - 1;

/** Keeps the process alive while somebody holds it: nothing else that a collector waits with does. */
export class KeepAlive {
  #holders = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Until the work is settled. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const release = this.hold();
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Until the result is called, once. */
  hold(): () => void {
    if (this.#holders++ === 0) this.#timer = setInterval(() => undefined, PERIOD_MS);
    let isHeld = true;
    return () => {
      if (isHeld && --this.#holders === 0) clearInterval(this.#timer);
      isHeld = false;
    };
  }
}
