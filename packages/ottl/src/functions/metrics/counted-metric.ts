import type { DataPointView, MetricView } from '@millrace/otlp';
import { OttlRuntimeError } from '../../ottl-error.ts';

export type CountedPoint = Exclude<DataPointView, { readonly type: 'number' }>;

/** The points of a histogram, an exponential histogram or a summary; throws for other metrics. */
export function countedPoints(metric: MetricView, caller: string): IterableIterator<CountedPoint> {
  const { type } = metric;
  if (type !== 'histogram' && type !== 'exponentialHistogram' && type !== 'summary')
    throw new OttlRuntimeError(
      `${caller} needs a histogram, an exponential histogram or a summary, not a metric of type ${type}`,
    );
  return metric.dataPoints as IterableIterator<CountedPoint>;
}

/** Summaries have no temporality, and are taken for cumulative. */
export function countedTemporality(metric: MetricView): number {
  return metric.type === 'summary' ? 2 : metric.aggregationTemporality;
}
