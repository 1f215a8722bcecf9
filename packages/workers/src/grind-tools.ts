import type { ClientContext, Logger, StepTools } from '@millrace/api';
import type { Tally } from './tally.ts';

/** What a step is given, on whichever thread it runs. */
export class GrindTools implements StepTools {
  readonly id: string;
  readonly logger: Logger;
  readonly #tally: Tally;
  readonly #now: () => number;

  constructor(id: string, logger: Logger, { tally, now }: { readonly tally: Tally; readonly now: () => number }) {
    this.id = id;
    this.logger = logger;
    this.#tally = tally;
    this.#now = now;
  }

  get context(): ClientContext | undefined {
    return this.#tally.context;
  }

  count(name: string, value: number): void {
    this.#tally.count(this.id, name, value);
  }

  nowUnixNano(): bigint {
    return BigInt(this.#now()) * 1_000_000n;
  }
}
