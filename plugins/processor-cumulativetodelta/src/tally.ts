import type { Counter, StatefulHost } from '@millrace/api';

/** In the words of the Collector's metrics. */
export type ConvertedType = 'sum' | 'histogram' | 'exponential_histogram';

/** Why a point is dropped; the first three are the Collector's. */
export type DropReason = 'initial' | 'reset' | 'bucket_mismatch' | 'out_of_order' | 'no_recorded_value' | 'max_streams';

/** What became of the points of some batches; counted in metrics once that is certain. */
export class Tally {
  readonly #converted = new Map<ConvertedType, number>();
  readonly #dropped = new Map<`${ConvertedType} ${DropReason}`, number>();

  converted(type: ConvertedType): void {
    this.#converted.set(type, (this.#converted.get(type) ?? 0) + 1);
  }

  dropped(type: ConvertedType, reason: DropReason): void {
    const key = `${type} ${reason}` as const;
    this.#dropped.set(key, (this.#dropped.get(key) ?? 0) + 1);
  }

  addTo(metrics: DeltaMetrics): void {
    for (const [type, count] of this.#converted) metrics.converted(type, count);
    for (const [key, count] of this.#dropped) {
      const [type, reason] = key.split(' ') as [ConvertedType, DropReason];
      metrics.dropped(type, reason, count);
    }
  }
}

/** The processor's metrics: the Collector's, and the engine's count of what processors drop. */
export class DeltaMetrics {
  readonly #processor: string;
  readonly #datapoints: Counter;
  readonly #datapointsDropped: Counter;
  readonly #droppedItems: Counter;
  readonly stop: () => void;

  constructor({ telemetry, id }: Pick<StatefulHost, 'telemetry' | 'id'>, streams: () => number) {
    this.#processor = id;
    this.#datapoints = telemetry.counter('cumulativetodelta_datapoints', {
      description: 'Number of data points converted from cumulative to delta temporality',
      unit: '{datapoints}',
    });
    this.#datapointsDropped = telemetry.counter('cumulativetodelta_datapoints_dropped', {
      description: 'Number of data points dropped instead of converted',
      unit: '{datapoints}',
    });
    this.#droppedItems = telemetry.counter('processor_dropped_items', {
      description: 'Number of items that processors dropped on purpose',
      unit: '{items}',
    });
    this.stop = telemetry.gauge(
      'cumulativetodelta_streams_tracked',
      {
        description: 'Number of metric streams tracked in memory',
        unit: '{streams}',
        labels: { processor: id },
      },
      streams,
    );
  }

  converted(type: ConvertedType, count: number): void {
    this.#datapoints.add(count, { processor: this.#processor, metric_type: type });
  }

  dropped(type: ConvertedType, reason: DropReason, count: number): void {
    this.#datapointsDropped.add(count, { processor: this.#processor, metric_type: type, reason });
    this.#droppedItems.add(count, { processor: this.#processor, reason });
  }
}
