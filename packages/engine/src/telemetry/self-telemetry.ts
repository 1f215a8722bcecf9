import type { Counter, Histogram, InstrumentOptions, Labels, Telemetry } from '@millrace/api';
import { createNoopMeter, type Meter } from '@opentelemetry/api';
import type { TelemetrySettings } from '@millrace/config';
import type { PrometheusEndpoint } from './prometheus-endpoint.ts';
import { LabelledTotals, type Series } from './series.ts';

/**
 * The collector's own metrics, on the OpenTelemetry API. Beside the instruments it keeps plain totals, which cost
 * nothing to read and feed the live display.
 */
export class SelfTelemetry implements Telemetry {
  readonly #meter: Meter;
  readonly #endpoint: PrometheusEndpoint | undefined;
  readonly #counters = new Map<string, Counter>();
  readonly #histograms = new Map<string, Histogram>();
  readonly #totals = new Map<string, LabelledTotals>();
  readonly #gauges = new Set<ObservedGauge>();

  private constructor(endpoint: PrometheusEndpoint | undefined) {
    this.#endpoint = endpoint;
    this.#meter = endpoint?.meter ?? createNoopMeter();
  }

  /** Makes the instruments' home; serves nothing before `start`. */
  static async create(settings: TelemetrySettings): Promise<SelfTelemetry> {
    if (settings.metrics === undefined) return new SelfTelemetry(undefined);
    const { prometheusEndpoint } = await import('./prometheus-endpoint.ts');
    return new SelfTelemetry(prometheusEndpoint({ ...settings.metrics, resource: settings.resource }));
  }

  /** Starts the Prometheus endpoint unless the settings turned it off. Throws a ComponentError when it can't listen. */
  async start(): Promise<void> {
    await this.#endpoint?.listen();
  }

  async shutdown(): Promise<void> {
    await this.#endpoint?.close();
  }

  /** Where metrics are served, such as `http://localhost:8888/metrics`; undefined where they are not. */
  get address(): string | undefined {
    return this.#endpoint?.address;
  }

  counter(name: string, options: InstrumentOptions): Counter {
    return this.#counter(`otelcol_${name}`, options);
  }

  histogram(name: string, options: InstrumentOptions & { readonly boundaries?: readonly number[] }): Histogram {
    return this.#histogram(`otelcol_${name}`, options);
  }

  gauge(name: string, options: InstrumentOptions & { readonly labels?: Labels }, observe: () => number): () => void {
    return this.#gauge(`otelcol_${name}`, options, observe);
  }

  /** Metrics that the Collector does not have: `millrace_<name>`. */
  readonly own = {
    counter: (name: string, options: InstrumentOptions): Counter => this.#counter(`millrace_${name}`, options),
    histogram: (name: string, options: InstrumentOptions & { readonly boundaries?: readonly number[] }): Histogram =>
      this.#histogram(`millrace_${name}`, options),
    gauge: (
      name: string,
      options: InstrumentOptions & { readonly labels?: Labels },
      observe: () => number,
    ): (() => void) => this.#gauge(`millrace_${name}`, options, observe),
    /** An instrument whose state is kept elsewhere; `observe` is called at each scrape. */
    observed: (
      kind: 'counter' | 'gauge',
      name: string,
      options: InstrumentOptions,
      observe: () => Iterable<readonly [value: number, labels: Labels]>,
    ): void => {
      const full = `millrace_${name}`;
      const instrument =
        kind === 'counter'
          ? this.#meter.createObservableCounter(full, options)
          : this.#meter.createObservableGauge(full, options);
      instrument.addCallback((result) => {
        for (const [value, labels] of observe()) result.observe(value, labels);
      });
    },
  };

  /** Sum of all counters whose full name starts so, over all labels. */
  totalOf(prefix: string): number {
    let sum = 0;
    for (const [name, totals] of this.#totals) if (name.startsWith(prefix)) sum += totals.sum;
    return sum;
  }

  /** Everything that is measured, as it is at this moment, whether metrics are served or not. */
  *series(): Generator<Series> {
    for (const totals of this.#totals.values()) yield* totals.series();
    for (const { name, labels, observe } of this.#gauges) {
      if (!SINCE_LAST_READING.has(name)) yield { name, labels, value: observe() };
    }
  }

  #counter(name: string, options: InstrumentOptions): Counter {
    const known = this.#counters.get(name);
    if (known !== undefined) return known;
    const instrument = this.#meter.createCounter(name, options);
    const totals = this.#totalsOf(name, { isHistogram: false });
    const counter: Counter = {
      add: (value, labels) => {
        if (value === 0) return;
        totals.add(value, labels);
        instrument.add(value, labels);
      },
    };
    this.#counters.set(name, counter);
    return counter;
  }

  #histogram(name: string, options: InstrumentOptions & { readonly boundaries?: readonly number[] }): Histogram {
    const known = this.#histograms.get(name);
    if (known !== undefined) return known;
    const { boundaries, ...rest } = options;
    const advice = boundaries === undefined ? {} : { advice: { explicitBucketBoundaries: [...boundaries] } };
    const instrument = this.#meter.createHistogram(name, { ...rest, ...advice });
    const totals = this.#totalsOf(name, { isHistogram: true });
    const histogram: Histogram = {
      record: (value, labels) => {
        totals.add(value, labels);
        instrument.record(value, labels);
      },
    };
    this.#histograms.set(name, histogram);
    return histogram;
  }

  #totalsOf(name: string, options: { readonly isHistogram: boolean }): LabelledTotals {
    const totals = new LabelledTotals(name, options);
    this.#totals.set(name, totals);
    return totals;
  }

  #gauge(
    name: string,
    { labels = {}, ...options }: InstrumentOptions & { readonly labels?: Labels },
    observe: () => number,
  ): () => void {
    const gauge = this.#meter.createObservableGauge(name, options);
    const callback = (result: { observe(value: number, labels?: Labels): void }) => result.observe(observe(), labels);
    gauge.addCallback(callback);
    const observed = { name, labels, observe };
    this.#gauges.add(observed);
    return () => {
      this.#gauges.delete(observed);
      gauge.removeCallback(callback);
    };
  }
}

/** Gauges that tell of the time since they were read: whoever else reads them takes that from Prometheus. */
const SINCE_LAST_READING: ReadonlySet<string> = new Set(['millrace_pool_utilisation', 'millrace_event_loop_delay_p99']);

interface ObservedGauge {
  readonly name: string;
  readonly labels: Labels;
  readonly observe: () => number;
}
