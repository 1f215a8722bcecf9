import type { ClientContext } from '@millrace/api';

/** What steps count during a grind. A run that fails is taken back, as if it had not been. */
export class Tally {
  /** Who sent what is being ground; undefined for a mixture. */
  context: ClientContext | undefined;
  /** Incoming and outgoing items by step ordinal: `[in0, out0, in1, out1, ...]`; -1 where a step did not run. Branches follow. */
  #items: number[] = [];
  #steps = 0;
  #counts: TallyCount[] = [];
  /** Milliseconds by step ordinal; what was tried and taken back took its time all the same. */
  #spentMs: number[] = [];
  /** Items that went into each step, by its ordinal. */
  #given: number[] = [];
  #startedAt = 0;

  /** Starts a grind over a plan with that many steps. What was counted since the last one belongs to it. */
  open(steps: number): void {
    this.#steps = steps;
    this.#items = new Array<number>(steps * 2).fill(-1);
    this.#spentMs = new Array<number>(steps).fill(0);
    this.#given = new Array<number>(steps).fill(0);
  }

  /** A step begins. Two readings of the clock cost 0.08 µs: once per step and run. */
  begins(): void {
    this.#startedAt = performance.now();
  }

  /** The step that began last is over, or has failed. */
  ends(ordinal: number, items: number): void {
    this.#spentMs[ordinal] += performance.now() - this.#startedAt;
    this.#given[ordinal] += items;
  }

  passed(ordinal: number, incoming: number, outgoing: number): void {
    const at = ordinal * 2;
    this.#items[at] = Math.max(this.#items[at] ?? 0, 0) + incoming;
    this.#items[at + 1] = Math.max(this.#items[at + 1] ?? 0, 0) + outgoing;
  }

  /** A connector has emitted to a branch, by that one's index: what it consumed for it, and what it produced. */
  emitted(branch: number, consumed: number, produced: number): void {
    this.passed(this.#steps + branch, consumed, produced);
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

  /** Ends the grind: `[ordinal, incoming, outgoing, ...]` of the transforms that ran and, behind the ordinals of all steps, of the branches behind connectors, `[ordinal, items, ms, ...]` of all steps, and the counts. */
  close(): { readonly steps: number[]; readonly costs: number[]; readonly counts: readonly TallyCount[] } {
    const steps: number[] = [];
    for (let at = 0; at < this.#items.length; at += 2) {
      if (this.#items[at] >= 0) steps.push(at / 2, this.#items[at], this.#items[at + 1]);
    }
    const costs: number[] = [];
    for (let ordinal = 0; ordinal < this.#spentMs.length; ordinal++) {
      if (this.#spentMs[ordinal] > 0) costs.push(ordinal, this.#given[ordinal], this.#spentMs[ordinal]);
    }
    const counts = this.#counts;
    this.#counts = [];
    this.context = undefined;
    return { steps, costs, counts };
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
