import type { ByteWriter, MetricView } from '@millrace/otlp';

/** The field of the data oneof, by type. */
const DATA_FIELDS = { gauge: 5, sum: 7, histogram: 9, exponentialHistogram: 10, summary: 11 } as const;
const DATA_POINTS = 1;
const TEMPORALITY = 2;
const IS_MONOTONIC = 3;

/** What a metric becomes. */
export interface MetricData {
  readonly type: 'gauge' | 'sum' | 'histogram';
  /** 0 for gauges. */
  readonly aggregationTemporality: number;
  readonly isMonotonic: boolean;
  /** The data points' messages. */
  readonly points: readonly Uint8Array[];
}

/** Puts other data in place of a metric's: it stays where it is, and statements behind see it as it is now. Ends loops over points. */
export function replaceData(metric: MetricView, data: MetricData): void {
  const { container } = metric;
  container.restart();
  for (const field of Object.values(DATA_FIELDS)) if (container.own.has(field)) container.own.clear(field);
  container.add({ writeBody: (out) => writeData(out, data) }, DATA_FIELDS[data.type]);
  // Only now the container takes both over into what it reads from.
  container.restart();
}

function writeData(out: ByteWriter, { points, aggregationTemporality, isMonotonic }: MetricData): void {
  for (const point of points) out.bytesField(DATA_POINTS, point);
  if (aggregationTemporality !== 0) out.int64Field(TEMPORALITY, aggregationTemporality);
  if (isMonotonic) out.boolField(IS_MONOTONIC, true);
}
