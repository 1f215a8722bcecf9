import { ExponentialHistogramDataPointView } from './exponential-histogram-data-point-view.ts';
import { HistogramDataPointView } from './histogram-data-point-view.ts';
import * as shapes from './message-shape.ts';
import type { MetricType, MetricView } from './metric-view.ts';
import type { DataPointView } from './metrics-batch.ts';
import { NumberDataPointView } from './number-data-point-view.ts';
import { SummaryDataPointView } from './summary-data-point-view.ts';
import { WireMessage } from './wire-message.ts';

/** The view of a data point, by the metric's type. */
export interface DataPointTypes {
  readonly gauge: NumberDataPointView;
  readonly sum: NumberDataPointView;
  readonly histogram: HistogramDataPointView;
  readonly exponentialHistogram: ExponentialHistogramDataPointView;
  readonly summary: SummaryDataPointView;
}

/** A data point in the making, of the kind that a metric of this type has. */
export function newDataPoint(type: Exclude<MetricType, 'empty'>, metric: MetricView | null): DataPointView {
  switch (type) {
    case 'histogram':
      return new HistogramDataPointView(new WireMessage(shapes.HISTOGRAM_DATA_POINT), metric);
    case 'exponentialHistogram':
      return new ExponentialHistogramDataPointView(new WireMessage(shapes.EXPONENTIAL_HISTOGRAM_DATA_POINT), metric);
    case 'summary':
      return new SummaryDataPointView(new WireMessage(shapes.SUMMARY_DATA_POINT), metric);
    default:
      return new NumberDataPointView(new WireMessage(shapes.NUMBER_DATA_POINT), metric);
  }
}
