import type { ClientContext } from '@millrace/api';

/** What steps count during a grind. A run that fails is taken back, as if it had not been. */
export class Tally {
  /** Who sent what is being ground; undefined for a mixture. */
  context: ClientContext | undefined;
  /** Incoming and outgoing items by step ordinal: `[in0, out0, in1, out1, ...]`; -1 where a step did not run. */
  #items: number[] = [];
  #counts: TallyCount[] = [];

  /** Starts a grind over a plan with that many steps. What was counted since the last one belongs to it. */
  open(steps: number): void {
    this.#items = new Array<number>(steps * 2).fill(-1);
  }

  passed(ordinal: number, incoming: number, outgoing: number): void {
    const at = ordinal * 2;
    this.#items[at] = Math.max(this.#items[at], 0) + incoming;
    this.#items[at + 1] = Math.max(this.#items[at + 1], 0) + outgoing;
  }

  count(id: string, name: string, value: number): void {
    const same = this.#counts.find((each) => each.id === id && each.name === name);
    if (same === undefined) this.#counts.push({ id, name, value });
    else same.value += value;
  }

  mark(): TallyMark {
    return { items: this.#items.slice(), counts: this.#counts.map((each) => ({ ...each })) };
  }

  rewind(mark: TallyMark): void {
    this.#items = mark.items.slice();
    this.#counts = mark.counts.map((each) => ({ ...each }));
  }

  /** Ends the grind: `[ordinal, incoming, outgoing, ...]` of the steps that ran, and the counts. */
  close(): { readonly steps: number[]; readonly counts: readonly TallyCount[] } {
    const steps: number[] = [];
    for (let at = 0; at < this.#items.length; at += 2) {
      if (this.#items[at] >= 0) steps.push(at / 2, this.#items[at], this.#items[at + 1]);
    }
    const counts = this.#counts;
    this.#counts = [];
    this.context = undefined;
    return { steps, counts };
  }
}

export interface TallyCount {
  /** Of the component. */
  readonly id: string;
  readonly name: string;
  value: number;
}

export interface TallyMark {
  readonly items: readonly number[];
  readonly counts: readonly TallyCount[];
}
