/** The symbols that statements may use as int64, by the part of OTLP that they come from. */

function numbered(prefix: string, names: readonly string[]): Readonly<Record<string, bigint>> {
  return Object.fromEntries(names.map((name, i) => [`${prefix}${name}`, BigInt(i)]));
}

const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name) =>
  ['', '2', '3', '4'].map((step) => `${name}${step}`),
);

export const LOG_ENUMS = numbered('SEVERITY_NUMBER_', ['UNSPECIFIED', ...SEVERITIES]);

export const SPAN_ENUMS: Readonly<Record<string, bigint>> = {
  ...numbered('SPAN_KIND_', ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']),
  ...numbered('STATUS_CODE_', ['UNSET', 'OK', 'ERROR']),
};

export const METRIC_ENUMS: Readonly<Record<string, bigint>> = {
  ...numbered('AGGREGATION_TEMPORALITY_', ['UNSPECIFIED', 'DELTA', 'CUMULATIVE']),
  ...numbered('METRIC_DATA_TYPE_', ['NONE', 'GAUGE', 'SUM', 'HISTOGRAM', 'EXPONENTIAL_HISTOGRAM', 'SUMMARY']),
};

export const DATA_POINT_ENUMS: Readonly<Record<string, bigint>> = {
  ...METRIC_ENUMS,
  ...numbered('FLAG_', ['NONE', 'NO_RECORDED_VALUE']),
};
