/** Names of enum values as the Collector prints them; unknown numbers have none. */

/** Of a span's kind. */
export function spanKindName(kind: number): string {
  return ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'][kind] ?? '';
}

/** Of a span's status code. */
export function statusCodeName(code: number): string {
  return ['Unset', 'Ok', 'Error'][code] ?? '';
}

/** `Info`, `Info2`: four severities have the same name. */
export function severityName(number: number): string {
  if (number === 0) return 'Unspecified';
  const name = ['Trace', 'Debug', 'Info', 'Warn', 'Error', 'Fatal'][Math.floor((number - 1) / 4)];
  if (name === undefined) return '';
  const step = ((number - 1) % 4) + 1;
  return step === 1 ? name : `${name}${step}`;
}

/** Of a metric's aggregation temporality. */
export function temporalityName(temporality: number): string {
  return ['Unspecified', 'Delta', 'Cumulative'][temporality] ?? '';
}

/** Of what kind a metric's data is. */
export function metricTypeName(type: string): string {
  return type.charAt(0).toUpperCase() + type.slice(1);
}
