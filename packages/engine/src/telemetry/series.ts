import type { Labels } from '@millrace/api';

/** One instrument with one set of labels, as it is at this moment. */
export interface Series {
  /** Full name, such as `otelcol_exporter_sent_spans`. */
  readonly name: string;
  readonly labels: Labels;
  /** Of a counter, the total since the start; of a gauge, its value; of a histogram, the sum of what was recorded. */
  readonly value: number;
  /** Of a histogram: how often something was recorded. */
  readonly count?: number;
}

/** Sets of labels that are told apart, for each instrument; the others count together, without labels. */
const SETS_MAX = 1_000;

/** What one instrument has come to, by labels: plain numbers, for displays that need no exporter of metrics. */
export class LabelledTotals {
  readonly name: string;
  readonly #isHistogram: boolean;
  /** Over all labels. */
  sum = 0;
  readonly #cells = new Map<string, Cell>();
  #last: Cell | undefined;

  constructor(name: string, { isHistogram }: { readonly isHistogram: boolean }) {
    this.name = name;
    this.#isHistogram = isHistogram;
  }

  add(value: number, labels: Labels = NO_LABELS): void {
    // Most instruments are always given the same object.
    const cell = this.#last?.labels === labels ? this.#last : this.#cellOf(labels);
    cell.value += value;
    cell.count++;
    this.sum += value;
  }

  *series(): Generator<Series> {
    const { name } = this;
    for (const { labels, value, count } of this.#cells.values()) {
      yield this.#isHistogram ? { name, labels, value, count } : { name, labels, value };
    }
  }

  #cellOf(labels: Labels): Cell {
    let key = '';
    for (const name in labels) key += `${name}\u0000${labels[name]}\u0000`;
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      if (key !== '' && this.#cells.size >= SETS_MAX) return this.#cellOf(NO_LABELS);
      cell = { labels, value: 0, count: 0 };
      this.#cells.set(key, cell);
    }
    this.#last = cell;
    return cell;
  }
}

interface Cell {
  readonly labels: Labels;
  value: number;
  count: number;
}

const NO_LABELS: Labels = {};
