import type { OttlFunction } from '../../function/define-function.ts';
import { aggregateOnAttributeValue } from './aggregate-on-attribute-value.ts';
import { aggregateOnAttributes } from './aggregate-on-attributes.ts';
import { convertExponentialHistogramToHistogram } from './convert-exponential-histogram-to-histogram.ts';
import { convertGaugeToSum } from './convert-gauge-to-sum.ts';
import { convertSumToGauge } from './convert-sum-to-gauge.ts';
import { convertSummaryCountValToSum } from './convert-summary-count-val-to-sum.ts';
import { convertSummaryQuantileValToGauge } from './convert-summary-quantile-val-to-gauge.ts';
import { convertSummarySumValToSum } from './convert-summary-sum-val-to-sum.ts';
import { copyMetric } from './copy-metric.ts';
import { extractAvgMetric } from './extract-avg-metric.ts';
import { extractCountMetric } from './extract-count-metric.ts';
import { extractPercentileMetric } from './extract-percentile-metric.ts';
import { extractSumMetric } from './extract-sum-metric.ts';
import { mergeHistogramBuckets } from './merge-histogram-buckets.ts';
import { scaleMetric } from './scale-metric.ts';

/** What the transform processor has for metrics beside the standard functions. In alphabetical order. */
export const METRIC_FUNCTIONS: readonly OttlFunction[] = [
  aggregateOnAttributeValue,
  aggregateOnAttributes,
  convertExponentialHistogramToHistogram,
  convertGaugeToSum,
  convertSumToGauge,
  convertSummaryCountValToSum,
  convertSummaryQuantileValToGauge,
  convertSummarySumValToSum,
  copyMetric,
  extractAvgMetric,
  extractCountMetric,
  extractPercentileMetric,
  extractSumMetric,
  mergeHistogramBuckets,
  scaleMetric,
];
