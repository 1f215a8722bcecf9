import { ByteWriter, WireReader } from '@millrace/otlp';
import { ExponentialHistogram } from './exponential-histogram.ts';
import type { ExplicitHistogram } from './explicit-histogram.ts';
import type { ResourceGroup } from './resource-groups.ts';
import type { Series, SeriesTable } from './series-table.ts';

export interface WriterSettings {
  /** `traces.span.metrics`; '' for none. */
  readonly namespace: string;
  readonly unit: 'ms' | 's';
  readonly isDelta: boolean;
}

/** The moment of a flush. */
export interface Flush {
  readonly timeNano: bigint;
  /** Nothing comes afterwards. */
  readonly isLast: boolean;
  /** Where the points of a series begin. */
  readonly startOf: (table: SeriesTable, series: Series) => bigint;
}

/** Writes metrics of resources as an export request (opentelemetry/proto/metrics/v1/metrics.proto). */
export class MetricsWriter {
  readonly #settings: WriterSettings;
  readonly #out = new ByteWriter();

  constructor(settings: WriterSettings) {
    this.#settings = settings;
  }

  /** Bytes written since `take`. */
  get length(): number {
    return this.#out.length;
  }

  take(): Uint8Array {
    return this.#out.take();
  }

  add(group: ResourceGroup, flush: Flush): void {
    const out = this.#out;
    const resourceMetrics = out.openField(1);
    this.#writeResource(group.resource);
    const scopeMetrics = out.openField(2);
    const scope = out.openField(1);
    out.stringField(1, 'spanmetricsconnector');
    out.close(scope);
    this.#writeSum('calls', group.calls, flush);
    this.#writeHistogram(group.durations ?? group.calls, flush);
    if (group.events !== undefined) this.#writeSum('events', group.events, flush);
    out.close(scopeMetrics);
    out.close(resourceMetrics);
  }

  /** The attributes and nothing else. */
  #writeResource(resource: Uint8Array): void {
    const mark = this.#out.openField(1);
    this.#writeAttributes(resource, 1);
    this.#out.close(mark);
  }

  #writeSum(name: string, table: SeriesTable, flush: Flush): void {
    if (table.size === 0) return;
    const out = this.#out;
    const metric = this.#openMetric(name, '');
    const sum = out.openField(7);
    for (const series of table.all()) this.#writeNumber(table, series, flush);
    this.#writeTemporality();
    out.boolField(3, true);
    out.close(sum);
    out.close(metric);
  }

  /** A cumulative series begins with 0, so that a backend sees the first increase, too. */
  #writeNumber(table: SeriesTable, series: Series, flush: Flush): void {
    const out = this.#out;
    const point = out.openField(1);
    this.#writeTimes(flush, flush.startOf(table, series));
    const isFirst = series.isNew && !this.#settings.isDelta && !flush.isLast;
    out.fixed64Field(6, isFirst ? 0 : series.count);
    this.#writeExemplars(series, 5, flush);
    this.#writeAttributes(series.attributes, 7);
    out.close(point);
  }

  #writeHistogram(table: SeriesTable, flush: Flush): void {
    const [sample] = table.all();
    if (sample?.histogram === undefined) return;
    const out = this.#out;
    const metric = this.#openMetric('duration', this.#settings.unit);
    const data = out.openField(sample.histogram instanceof ExponentialHistogram ? 10 : 9);
    for (const series of table.all()) {
      const point = out.openField(1);
      this.#writeTimes(flush, flush.startOf(table, series));
      if (series.histogram instanceof ExponentialHistogram) this.#writeExponential(series, series.histogram, flush);
      else if (series.histogram !== undefined) this.#writeExplicit(series, series.histogram, flush);
      out.close(point);
    }
    this.#writeTemporality();
    out.close(data);
    out.close(metric);
  }

  #writeExplicit(series: Series, { count, sum, counts, bounds }: ExplicitHistogram, flush: Flush): void {
    const out = this.#out;
    out.fixed64Field(4, count);
    out.doubleField(5, sum);
    const buckets = out.openField(6);
    for (const each of counts) out.fixed64(each);
    out.close(buckets);
    if (bounds.length > 0) {
      const mark = out.openField(7);
      for (const bound of bounds) out.double(bound);
      out.close(mark);
    }
    this.#writeExemplars(series, 8, flush);
    this.#writeAttributes(series.attributes, 9);
  }

  #writeExponential(series: Series, histogram: ExponentialHistogram, flush: Flush): void {
    const out = this.#out;
    this.#writeAttributes(series.attributes, 1);
    out.fixed64Field(4, histogram.count);
    out.doubleField(5, histogram.sum);
    out.sint32Field(6, histogram.scale);
    out.fixed64Field(7, histogram.zeroCount);
    if (histogram.counts.length > 0) {
      const positive = out.openField(8);
      out.sint32Field(1, histogram.offset);
      const counts = out.openField(2);
      for (const count of histogram.counts) out.varint64(count);
      out.close(counts);
      out.close(positive);
    }
    this.#writeExemplars(series, 11, flush);
    if (histogram.count > 0) {
      out.doubleField(12, histogram.min);
      out.doubleField(13, histogram.max);
    }
  }

  #openMetric(name: string, unit: string): number {
    const { namespace } = this.#settings;
    const metric = this.#out.openField(2);
    this.#out.stringField(1, namespace === '' ? name : `${namespace}.${name}`);
    if (unit !== '') this.#out.stringField(3, unit);
    return metric;
  }

  #writeTemporality(): void {
    this.#out.uint32Field(2, this.#settings.isDelta ? 1 : 2);
  }

  #writeTimes({ timeNano }: Flush, startNano: bigint): void {
    this.#out.fixed64Field(2, startNano);
    this.#out.fixed64Field(3, timeNano);
  }

  #writeExemplars({ exemplars }: Series, field: number, { timeNano }: Flush): void {
    const out = this.#out;
    for (const { traceId, spanId, value } of exemplars) {
      const mark = out.openField(field);
      out.fixed64Field(2, timeNano);
      out.doubleField(3, value);
      out.bytesField(4, spanId);
      out.bytesField(5, traceId);
      out.close(mark);
    }
  }

  /** The elements of field 1 of a message, as elements of another field. */
  #writeAttributes(message: Uint8Array, field: number): void {
    const reader = new WireReader(message);
    while (!reader.done) {
      const tag = reader.tag();
      if (tag !== ATTRIBUTE) {
        reader.skip(tag);
        continue;
      }
      const end = reader.lengthEnd();
      this.#out.bytesField(field, message, reader.pos, end);
      reader.pos = end;
    }
  }
}

const ATTRIBUTE = (1 << 3) | 2;
