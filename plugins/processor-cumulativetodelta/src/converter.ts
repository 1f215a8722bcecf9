import type { DataPointView, MetricsBatch, MetricView } from '@millrace/otlp';
import type { ExponentialValue, HistogramValue } from './difference.ts';
import type { DeltaSettings } from './delta-settings.ts';
import { MetricFilter } from './metric-filter.ts';
import { DOUBLE, EXPONENTIAL, HISTOGRAM, INTEGER, type PointKind } from './point-kind.ts';
import { SeriesKeys } from './series-key.ts';
import { SeriesTable } from './series-table.ts';
import type { ConvertedType, DropReason, Tally } from './tally.ts';

const DELTA = 1;
const CUMULATIVE = 2;
/** The bit of a data point's flags that says that it has no value. */
const NO_RECORDED_VALUE = 1;

export type Value = bigint | number | HistogramValue | ExponentialValue;

/** Turns cumulative points into deltas, in place. What it remembers counts once `series` is committed. */
export class Converter {
  readonly series: SeriesTable<Value>;
  readonly #initialValue: DeltaSettings['initial_value'];
  readonly #filter: MetricFilter;
  /** Series that began earlier may have counted for long. */
  readonly #startedNano: bigint;
  readonly #keys = new SeriesKeys();
  #nowMs = 0;

  constructor(settings: DeltaSettings, startedMs: number) {
    this.series = new SeriesTable(settings.max_streams);
    this.#initialValue = settings.initial_value;
    this.#filter = new MetricFilter(settings);
    this.#startedNano = BigInt(Math.floor(startedMs)) * 1_000_000n;
  }

  convert(batch: MetricsBatch, nowMs: number, tally: Tally): void {
    this.#nowMs = nowMs;
    for (const resource of batch.resources) {
      this.#keys.enterResource(resource);
      for (const scope of resource.scopes) {
        this.#keys.enterScope(scope);
        for (const metric of scope.metrics) {
          const type = convertedType(metric);
          if (type === undefined || !this.#filter.chooses(metric)) continue;
          this.#keys.enterMetric(metric);
          metric.aggregationTemporality = DELTA;
          for (const point of metric.dataPoints) this.#convertPoint(point, type, tally);
        }
      }
    }
  }

  #convertPoint(point: DataPointView, type: ConvertedType, tally: Tally): void {
    const reason = (point.flags & NO_RECORDED_VALUE) !== 0 ? 'no_recorded_value' : this.#toDelta(point);
    if (reason === undefined) {
      tally.converted(type);
      return;
    }
    tally.dropped(type, reason);
    point.drop();
  }

  /** Why the point is to be dropped; undefined when it is a delta now. */
  #toDelta(point: DataPointView): DropReason | undefined {
    switch (point.type) {
      case 'histogram':
        return this.#next(point, HISTOGRAM);
      case 'exponentialHistogram':
        return this.#next(point, EXPONENTIAL);
      case 'number':
        if (point.valueKind !== 'double') return this.#next(point, INTEGER);
        // Not a number is how some say that a series has ended: passed on as it is.
        return Number.isNaN(point.value) ? undefined : this.#next(point, DOUBLE);
      case 'summary':
        return undefined;
    }
  }

  #next<P extends DataPointView, V extends Value>(point: P, kind: PointKind<P, V>): DropReason | undefined {
    const key = this.#keys.of(point, kind.code);
    const value = kind.read(point);
    const timeNano = point.timeUnixNano;
    const last = this.series.get(key);
    if (last !== undefined && timeNano !== 0n && timeNano <= last.timeNano) return 'out_of_order';
    const hasRoom = this.series.set(key, { timeNano, value, seenMs: this.#nowMs });
    if (last === undefined) return hasRoom ? this.#first(point) : 'max_streams';
    const difference = kind.difference(value, last.value as V);
    if (difference.is === 'bucket_mismatch' || difference.delta === undefined) return difference.is as DropReason;
    kind.write(point, difference.delta);
    point.startTimeUnixNano = last.timeNano;
    return undefined;
  }

  /** The first point of a series is a delta from its start, if that is known to be one. */
  #first({ startTimeUnixNano: start, timeUnixNano: time }: DataPointView): DropReason | undefined {
    if (this.#initialValue === 'keep') return undefined;
    if (this.#initialValue === 'drop') return 'initial';
    return start < this.#startedNano || start === time ? 'initial' : undefined;
  }
}

/** Undefined for what is not cumulative, and for sums that also fall. */
function convertedType(metric: MetricView): ConvertedType | undefined {
  const { type } = metric;
  if (type !== 'sum' && type !== 'histogram' && type !== 'exponentialHistogram') return undefined;
  if (metric.aggregationTemporality !== CUMULATIVE) return undefined;
  if (type === 'sum') return metric.isMonotonic ? 'sum' : undefined;
  return type === 'histogram' ? 'histogram' : 'exponential_histogram';
}
