/** Share of a number of threads that was busy since the last reading. */
export class Utilisation {
  readonly #threads: number;
  /** When each running piece of work began. */
  readonly #running = new Set<{ at: number }>();
  #busyMs = 0;
  #readAt = performance.now();

  constructor(threads: number) {
    this.#threads = threads;
  }

  get running(): number {
    return this.#running.size;
  }

  begin(): { at: number } {
    const work = { at: performance.now() };
    this.#running.add(work);
    return work;
  }

  end(work: { at: number }): void {
    if (this.#running.delete(work)) this.#busyMs += performance.now() - work.at;
  }

  /** 0 to 1. */
  read(): number {
    const now = performance.now();
    for (const work of this.#running) {
      this.#busyMs += now - work.at;
      work.at = now;
    }
    const elapsed = (now - this.#readAt) * this.#threads;
    const share = elapsed > 0 ? Math.min(this.#busyMs / elapsed, 1) : 0;
    this.#busyMs = 0;
    this.#readAt = now;
    return share;
  }
}
