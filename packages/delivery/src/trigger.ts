/** Something that happens once. Unlike a shared promise, it lets go of listeners that have gone. */
export class Trigger {
  readonly #listeners = new Set<() => void>();
  #fired = false;

  get fired(): boolean {
    return this.#fired;
  }

  fire(): void {
    if (this.#fired) return;
    this.#fired = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }

  /** Calls `listener` when it happens (now, if it has); the result withdraws it. */
  subscribe(listener: () => void): () => void {
    if (this.#fired) {
      listener();
      return () => {};
    }
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
