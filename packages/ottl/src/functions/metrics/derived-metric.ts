import type { DataPointView, MetricView, NumberDataPointView } from '@millrace/otlp';

export interface DerivedMetric {
  readonly suffix: string;
  /** 0 makes a gauge. */
  readonly aggregationTemporality: number;
  readonly isMonotonic: boolean;
  /** Default: that of the other metric. */
  readonly description?: string;
  /** Default: that of the other metric. */
  readonly unit?: string;
}

/** Makes a metric of numbers out of another one, and adds it to its scope once it has a data point. */
export class NumberMetricMaker {
  private readonly source: MetricView;
  private readonly how: DerivedMetric;
  private addPoint: (() => NumberDataPointView) | null = null;

  constructor(source: MetricView, how: DerivedMetric) {
    this.source = source;
    this.how = how;
  }

  /** A new data point with the attributes and times of another. */
  addPointLike(like: DataPointView): NumberDataPointView {
    this.addPoint ??= this.begin();
    const point = this.addPoint();
    point.startTimeUnixNano = like.startTimeUnixNano;
    point.timeUnixNano = like.timeUnixNano;
    for (const key of like.attributes.keys()) point.attributes.setRaw(key, like.attributes.raw(key)!);
    return point;
  }

  private begin(): () => NumberDataPointView {
    const { source, how } = this;
    const metric = how.aggregationTemporality === 0 ? source.scope.addMetric('gauge') : source.scope.addMetric('sum');
    metric.name = source.name + how.suffix;
    metric.description = how.description ?? source.description;
    metric.unit = how.unit ?? source.unit;
    if (how.aggregationTemporality !== 0) metric.aggregationTemporality = how.aggregationTemporality;
    if (how.isMonotonic) metric.isMonotonic = true;
    return () => metric.addDataPoint();
  }
}

/** A count as an int64. */
export function countOf(count: number | bigint): bigint {
  return BigInt.asIntN(64, BigInt(count));
}
