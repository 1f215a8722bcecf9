import type { NewMetricsScope } from '@millrace/otlp';
import type { Condition } from '@millrace/ottl';
import type { MetricSettings } from './count-settings.ts';
import { type Attributed, Dimension } from './dimension.ts';

/** 1 in OTLP. */
const DELTA = 1;

/** One value of each attribute, and how often it was seen. */
interface Tally {
  readonly values: readonly Uint8Array[];
  count: number;
}

/** What is counted for one metric, in one resource. */
class Metric {
  readonly #name: string;
  readonly #description: string;
  readonly #condition: Condition | undefined;
  readonly #dimensions: readonly Dimension[];
  readonly #tallies = new Map<string, Tally>();

  constructor(name: string, { description, attributes }: MetricSettings, condition: Condition | undefined) {
    this.#name = name;
    this.#description = description;
    this.#condition = condition;
    this.#dimensions = attributes.map((attribute) => new Dimension(attribute));
  }

  get isEmpty(): boolean {
    return this.#tallies.size === 0;
  }

  count(item: Counted): void {
    const values: Uint8Array[] = [];
    let key = '';
    for (const dimension of this.#dimensions) {
      const value = dimension.valueFor(item.attributed, item.scope, item.resource);
      if (value === undefined) return;
      values.push(value);
      key += `${value.length}:${Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1')}`;
    }
    if (this.#condition !== undefined && !this.#condition.test(item.view, item.parent, item.index)) return;
    const tally = this.#tallies.get(key);
    if (tally === undefined) this.#tallies.set(key, { values, count: 1 });
    else tally.count++;
  }

  clear(): void {
    this.#tallies.clear();
  }

  /** Writes the metric, if anything was counted. */
  writeTo(scope: NewMetricsScope, startNano: bigint, endNano: bigint): void {
    if (this.isEmpty) return;
    const metric = scope.addMetric('sum');
    metric.name = this.#name;
    metric.description = this.#description;
    metric.aggregationTemporality = DELTA;
    metric.isMonotonic = true;
    for (const { values, count } of this.#tallies.values()) {
      const point = metric.addDataPoint();
      values.forEach((value, i) => point.attributes.setRaw(this.#dimensions[i].key, value));
      point.startTimeUnixNano = startNano;
      point.timeUnixNano = endNano;
      point.asInt = count;
    }
  }
}

/** An item that may be counted: what its conditions are about, and where its attributes are. */
export interface Counted {
  view: unknown;
  /** The span of a span event, and which of its events it is. */
  parent: unknown;
  index: number;
  attributed: Attributed;
  scope: Attributed;
  resource: Attributed;
}

/** Counts the things of one section in one resource after the other. */
export class Counter {
  readonly #metrics: readonly Metric[];
  #startNano = 0n;
  #endNano = 0n;

  constructor(
    settings: Readonly<Record<string, MetricSettings>>,
    compile: (metric: MetricSettings) => Condition | undefined,
  ) {
    this.#metrics = Object.entries(settings).map(([name, metric]) => new Metric(name, metric, compile(metric)));
  }

  /** Whether nothing was counted since `begin`. */
  get isEmpty(): boolean {
    return this.#metrics.every((metric) => metric.isEmpty);
  }

  /** Starts over, with another resource. */
  begin(): void {
    this.#startNano = this.#endNano = 0n;
    for (const metric of this.#metrics) metric.clear();
  }

  count(item: Counted): void {
    for (let i = 0; i < this.#metrics.length; i++) this.#metrics[i].count(item);
  }

  /** Widens the time that the counts are for. Zero is no time. */
  sawTime(nano: bigint): void {
    if (nano === 0n) return;
    if (this.#startNano === 0n || nano < this.#startNano) this.#startNano = nano;
    if (nano > this.#endNano) this.#endNano = nano;
  }

  /** Writes what was counted. `now` is taken where nothing had a time. */
  writeTo(scope: NewMetricsScope, now: () => bigint): void {
    if (this.isEmpty) return;
    if (this.#startNano === 0n) this.#startNano = this.#endNano = now();
    for (const metric of this.#metrics) metric.writeTo(scope, this.#startNano, this.#endNano);
  }
}
