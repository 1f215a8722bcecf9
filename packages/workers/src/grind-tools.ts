import type { ClientContext, Logger, StepTools } from '@millrace/api';
import type { Tally } from './tally.ts';

/** What a step is given, on whichever thread it runs. */
export class GrindTools implements StepTools {
  readonly id: string;
  readonly logger: Logger;
  readonly #tally: Tally;

  constructor(id: string, tally: Tally, logger: Logger) {
    this.id = id;
    this.logger = logger;
    this.#tally = tally;
  }

  get context(): ClientContext | undefined {
    return this.#tally.context;
  }

  count(name: string, value: number): void {
    this.#tally.count(this.id, name, value);
  }

  nowUnixNano(): bigint {
    return BigInt(Date.now()) * 1_000_000n;
  }
}
