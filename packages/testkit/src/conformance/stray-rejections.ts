import type { Violation } from './rule.ts';

/** Hears of rejected promises that nobody waits for, which would otherwise end the process. */
export class StrayRejections implements Disposable {
  #violations: Violation[] = [];
  readonly #hear = (reason: unknown): void => {
    const seen = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
    const remedy = 'await every promise, or catch what it rejects with: a collector logs it and cannot do more';
    this.#violations.push({ seen: `a promise was rejected that nobody waits for: ${seen}`, remedy });
  };

  constructor() {
    process.on('unhandledRejection', this.#hear);
  }

  /** Those since the last call; each different one once. */
  async take(): Promise<readonly Violation[]> {
    // Node tells of them when the microtasks have run.
    await new Promise((resolve) => setImmediate(resolve));
    const violations = new Map(this.#violations.map((violation) => [violation.seen, violation]));
    this.#violations = [];
    return [...violations.values()];
  }

  [Symbol.dispose](): void {
    process.off('unhandledRejection', this.#hear);
  }
}
