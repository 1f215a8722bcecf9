import type { Counter, Histogram, InstrumentOptions, Labels, Telemetry } from '@millrace/api';

/** Keeps what is counted and measured. Names are without the `otelcol_` prefix, as components write them. */
export class RecordingTelemetry implements Telemetry {
  readonly #sums = new Map<string, number>();
  readonly #records = new Map<string, number[]>();
  readonly #gauges = new Map<string, () => number>();

  counter(name: string, _options: InstrumentOptions): Counter {
    return {
      add: (value, labels) => {
        const key = keyOf(name, labels);
        this.#sums.set(key, (this.#sums.get(key) ?? 0) + value);
      },
    };
  }

  histogram(name: string, _options: InstrumentOptions): Histogram {
    return {
      record: (value, labels) => {
        const key = keyOf(name, labels);
        this.#records.set(key, [...(this.#records.get(key) ?? []), value]);
      },
    };
  }

  gauge(name: string, options: InstrumentOptions & { readonly labels?: Labels }, observe: () => number): () => void {
    const key = keyOf(name, options.labels);
    this.#gauges.set(key, observe);
    return () => void this.#gauges.delete(key);
  }

  /** Value of a counter or gauge, written as Prometheus does: `name{label="value"}`; 0 for an unknown counter. */
  value(key: string): number {
    return this.#gauges.get(key)?.() ?? this.#sums.get(key) ?? 0;
  }

  /** Sum over all counters whose name (without labels) fits. */
  sum(name: RegExp): number {
    let sum = 0;
    for (const [key, value] of this.#sums) if (name.test(key.split('{')[0])) sum += value;
    return sum;
  }

  /** Everything that a histogram was given. */
  recorded(key: string): readonly number[] {
    return this.#records.get(key) ?? [];
  }

  /** Gauges that are observed at present. */
  get gauges(): readonly string[] {
    return [...this.#gauges.keys()];
  }
}

function keyOf(name: string, labels: Labels = {}): string {
  const inner = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return inner.length === 0 ? name : `${name}{${inner.join(',')}}`;
}
