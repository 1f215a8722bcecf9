import { diag } from '@opentelemetry/api';
import type { Refusal } from './intake.ts';

/** Counts what is given up, and tells the SDK's diagnostics of it. */
export class Losses {
  readonly #who: string;
  readonly #items: string;
  #total = 0;
  /** Dropped for lack of room since it was last told. */
  #untold = 0;

  /** `who` and `items` are for messages: `MillraceSpanProcessor`, `spans`. */
  constructor(who: string, items: string) {
    this.#who = who;
    this.#items = items;
  }

  /** Since the start. */
  get total(): number {
    return this.#total;
  }

  /** An item for which there is no room. The first one is told at once, the others when it is over. */
  noRoom(queueSize: number): void {
    this.#total++;
    if (this.#untold++ === 0) {
      diag.warn(
        `${this.#who}: its queue of ${queueSize} is full, ${this.#items} are dropped until there is room again`,
      );
    }
  }

  /** There is room again. */
  roomAgain(): void {
    if (this.#untold > 0) diag.warn(`${this.#who}: dropped ${this.#untold} ${this.#items}, its queue was full`);
    this.#untold = 0;
  }

  /** What was not handed over, or only in part. */
  refused(items: number, error: unknown): void {
    const { failedItems = items } = error as Refusal;
    this.#total += failedItems;
    const reason = error instanceof Error ? error.message : String(error);
    diag.error(`${this.#who}: ${failedItems} of ${items} ${this.#items} are lost: ${reason}`);
  }
}
