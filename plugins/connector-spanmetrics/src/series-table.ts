import { ByteWriter } from '@millrace/otlp';
import type { ExplicitHistogram } from './explicit-histogram.ts';
import type { ExponentialHistogram } from './exponential-histogram.ts';
import type { SeriesKey } from './series-key.ts';

export type Histogram = ExplicitHistogram | ExponentialHistogram;

/** A span as an example of a series. */
export interface Exemplar {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly value: number;
}

/** One combination of dimensions. */
export class Series {
  readonly key: Uint8Array;
  readonly hash: number;
  /** A message whose field 1 repeats the KeyValues. */
  readonly attributes: Uint8Array;
  readonly startNano: bigint;
  readonly histogram: Histogram | undefined;
  /** Another series whose key has the same hash. */
  next: Series | undefined = undefined;
  count = 0;
  lastSeenMs = 0;
  /** Not passed on yet. */
  isNew = true;
  exemplars: Exemplar[] = [];

  constructor(fields: Pick<Series, 'key' | 'hash' | 'attributes' | 'startNano' | 'histogram'>) {
    this.key = fields.key;
    this.hash = fields.hash;
    this.attributes = fields.attributes;
    this.startNano = fields.startNano;
    this.histogram = fields.histogram;
  }
}

/** Series of all tables together. */
export interface SeriesBudget {
  used: number;
  readonly max: number;
}

export interface TableSettings {
  readonly name: 'calls' | 'duration' | 'events';
  /** Most series of one table; 0: no limit of its own. */
  readonly limit: number;
  readonly budget: SeriesBudget;
  /** Made with each series; none where the table only counts. */
  readonly makeHistogram: (() => Histogram) | undefined;
}

/** The series of one metric of one resource. */
export class SeriesTable {
  readonly #settings: TableSettings;
  readonly #byHash = new Map<number, Series>();
  #overflow: Series | undefined;
  #size = 0;

  constructor(settings: TableSettings) {
    this.#settings = settings;
  }

  get name(): TableSettings['name'] {
    return this.#settings.name;
  }

  get size(): number {
    return this.#size;
  }

  find(key: SeriesKey, hash: number): Series | undefined {
    let series = this.#byHash.get(hash);
    while (series !== undefined && !key.equals(series.key)) series = series.next;
    return series;
  }

  /** A new series, or the one that takes what is too much. `attributes` is only called for the former. */
  add(key: SeriesKey, hash: number, { attributes, startNano }: NewSeries): Series {
    const { limit, budget } = this.#settings;
    if ((limit > 0 && this.#size >= limit) || budget.used >= budget.max) {
      this.#overflow ??= this.#make({ key: EMPTY, hash: 0, attributes: OVERFLOW, startNano });
      return this.#overflow;
    }
    const series = this.#make({ key: key.copy(), hash, attributes: attributes(), startNano });
    series.next = this.#byHash.get(hash);
    this.#byHash.set(hash, series);
    return series;
  }

  isOverflow(series: Series): boolean {
    return series === this.#overflow;
  }

  *all(): IterableIterator<Series> {
    for (let series of this.#byHash.values()) {
      yield series;
      while (series.next !== undefined) yield (series = series.next);
    }
    if (this.#overflow !== undefined) yield this.#overflow;
  }

  some(holds: (series: Series) => boolean): boolean {
    for (const series of this.all()) if (holds(series)) return true;
    return false;
  }

  /** Forgets the series for which `isOver` holds. */
  removeWhere(isOver: (series: Series) => boolean): void {
    if (!this.some(isOver)) return;
    const kept = [...this.all()].filter((series) => !isOver(series));
    const overflow = this.#overflow;
    this.clear();
    for (const series of kept) {
      if (series === overflow) this.#overflow = series;
      else {
        series.next = this.#byHash.get(series.hash);
        this.#byHash.set(series.hash, series);
      }
    }
    this.#count(kept.length);
  }

  clear(): void {
    this.#byHash.clear();
    this.#overflow = undefined;
    this.#count(-this.#size);
  }

  #make(fields: Omit<ConstructorParameters<typeof Series>[0], 'histogram'>): Series {
    this.#count(1);
    return new Series({ ...fields, histogram: this.#settings.makeHistogram?.() });
  }

  #count(change: number): void {
    this.#size += change;
    this.#settings.budget.used += change;
  }
}

interface NewSeries {
  readonly attributes: () => Uint8Array;
  readonly startNano: bigint;
}

const EMPTY = new Uint8Array(0);

const OVERFLOW = overflowAttributes();

function overflowAttributes(): Uint8Array {
  const out = new ByteWriter();
  const mark = out.openField(1);
  out.stringField(1, 'otel.metric.overflow');
  const value = out.openField(2);
  out.boolField(2, true);
  out.close(value);
  out.close(mark);
  return out.take();
}
