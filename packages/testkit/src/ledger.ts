/**
 * Who holds what. Fakes enter the bodies and batches that they hand out; what is not given back is a leak, and giving
 * back twice, or reading afterwards, is a fault.
 */
export class Ledger {
  readonly faults: string[] = [];
  readonly #held = new Map<object, string>();

  enter(thing: object, what: string): void {
    this.#held.set(thing, what);
  }

  /** Whether `thing` is still held; where not, `misuse` becomes a fault. */
  check(thing: object, misuse: string): boolean {
    if (this.#held.has(thing)) return true;
    this.faults.push(misuse);
    return false;
  }

  leave(thing: object): void {
    this.#held.delete(thing);
  }

  /** What nobody gave back. */
  get leaks(): readonly string[] {
    return [...this.#held.values()];
  }
}
