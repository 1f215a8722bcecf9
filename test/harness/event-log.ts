/** What happens in order, to be looked for afterwards and to be waited for. */
export class EventLog<T> {
  readonly entries: T[] = [];
  readonly #waiting = new Set<() => void>();
  #ended: Error | undefined;

  add(entry: T): void {
    this.entries.push(entry);
    this.#wake();
  }

  /** No more entries come: whoever waits in vain gets `reason`. */
  end(reason: Error): void {
    this.#ended ??= reason;
    this.#wake();
  }

  /** The first entry, old or new, that fits. */
  async find(fits: (entry: T) => boolean): Promise<T> {
    return (await this.findAll(1, fits))[0];
  }

  /** The first `count` entries that fit. */
  async findAll(count: number, fits: (entry: T) => boolean): Promise<readonly T[]> {
    const found: T[] = [];
    for (let next = 0; ;) {
      for (; next < this.entries.length && found.length < count; next++) {
        const entry = this.entries[next];
        if (fits(entry)) found.push(entry);
      }
      if (found.length >= count) return found;
      if (this.#ended !== undefined) throw this.#ended;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
