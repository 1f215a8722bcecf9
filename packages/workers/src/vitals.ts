/**
 * What a worker leaves behind when it dies: a few numbers in shared memory, one row for each slot of the pool. Plain
 * stores, as cheap as a field, so that every step can afford one; the main thread reads them to see whether a run still
 * moves, and after a death to know what killed it.
 */
export class Vitals {
  readonly table: Int32Array;

  constructor(table: Int32Array) {
    this.table = table;
  }

  static create(slots: number): Vitals {
    return new Vitals(new Int32Array(new SharedArrayBuffer(slots * ROW * 4)));
  }

  row(slot: number): VitalsRow {
    return new VitalsRow(this.table.subarray(slot * ROW, (slot + 1) * ROW));
  }
}

/** One row. -1 stands for nothing. */
export class VitalsRow {
  readonly #cells: Int32Array;

  constructor(cells: Int32Array = new Int32Array(ROW)) {
    this.#cells = cells;
  }

  /** Starts a grind. */
  open(): void {
    this.#cells[PULSE]++;
    this.#cells[STEP] = -1;
    this.#cells[PART] = -1;
    this.#cells[ITEM] = -1;
    this.#cells[ITEMS] = -1;
  }

  /** A new run begins: the deadline starts again. */
  beat(): void {
    this.#cells[PULSE]++;
  }

  get pulse(): number {
    return this.#cells[PULSE];
  }

  /** Ordinal of the step that runs. */
  get step(): number {
    return this.#cells[STEP];
  }

  set step(ordinal: number) {
    this.#cells[STEP] = ordinal;
  }

  /** Index of the part that is processed alone. */
  get part(): number {
    return this.#cells[PART];
  }

  set part(index: number) {
    this.#cells[PART] = index;
    this.#cells[ITEM] = -1;
    this.#cells[ITEMS] = -1;
  }

  /** Index of the item that is processed alone, within the part. */
  get item(): number {
    return this.#cells[ITEM];
  }

  set item(index: number) {
    this.#cells[ITEM] = index;
  }

  /** How many items the part holds. */
  get items(): number {
    return this.#cells[ITEMS];
  }

  set items(count: number) {
    this.#cells[ITEMS] = count;
  }
}

const PULSE = 0;
const STEP = 1;
const PART = 2;
const ITEM = 3;
const ITEMS = 4;
/** Cells of a row: a cache line, so that workers do not slow each other down. */
const ROW = 16;
