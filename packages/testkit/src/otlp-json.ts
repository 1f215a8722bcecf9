import type { Signal } from '@millrace/api';

/** What is different from item to item. */
export interface ItemSeed {
  /** Nanoseconds since the Unix epoch, as OTLP/JSON writes them. */
  readonly time: string;
  readonly index: number;
  readonly padding: string;
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];

/** An item (for metrics: a metric with one data point) as OTLP/JSON, with the attributes that items usually have. */
export function itemJson(signal: Signal, seed: ItemSeed): object {
  switch (signal) {
    case 'logs':
      return logJson(seed);
    case 'traces':
      return spanJson(seed);
    case 'metrics':
      return metricJson(seed);
    case 'profiles':
      return profileJson(seed);
  }
}

/** Each scope is a list of items as {@link itemJson} makes them. */
export interface ResourceJson {
  readonly service: string;
  readonly scopes: readonly (readonly object[])[];
}

const NAMES: Readonly<Record<Signal, readonly [string, string, string]>> = {
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  profiles: ['resourceProfiles', 'scopeProfiles', 'profiles'],
};

/** An export request as OTLP/JSON. */
export function requestJson(signal: Signal, resources: readonly ResourceJson[]): object {
  const [resourceKey, scopeKey, itemKey] = NAMES[signal];
  return {
    [resourceKey]: resources.map(({ service, scopes }) => ({
      resource: { attributes: [string('service.name', service), string('host.name', `${service}-1`)] },
      [scopeKey]: scopes.map((items, index) => ({
        scope: { name: `${service}.scope${index}`, version: '1.2.3' },
        [itemKey]: items,
      })),
    })),
    ...(signal === 'profiles' ? { dictionary: { stringTable: ['', 'main', 'app.ts'] } } : {}),
  };
}

export function string(key: string, value: string): object {
  return { key, value: { stringValue: value } };
}

function attributes({ index, padding }: ItemSeed): object[] {
  return [
    { key: 'item.id', value: { intValue: String(index) } },
    string('http.method', METHODS[index % METHODS.length]),
    { key: 'http.status_code', value: { intValue: index % 5 === 0 ? '500' : '200' } },
    string('user.email', `user${index}@example.com`),
    { key: 'elapsed', value: { doubleValue: index / 8 } },
    { key: 'cached', value: { boolValue: index % 2 === 0 } },
    ...(padding === '' ? [] : [string('padding', padding)]),
  ];
}

function logJson(seed: ItemSeed): object {
  return {
    timeUnixNano: seed.time,
    observedTimeUnixNano: seed.time,
    severityNumber: 1 + (seed.index % 24),
    severityText: 'INFO',
    body: { stringValue: `request ${seed.index} was served` },
    attributes: attributes(seed),
    traceId: hex(seed.index + 1, 32),
    spanId: hex(seed.index + 1, 16),
    flags: 1,
  };
}

function spanJson(seed: ItemSeed): object {
  return {
    traceId: hex(seed.index + 1, 32),
    spanId: hex(seed.index + 1, 16),
    name: `GET /item/${seed.index % 7}`,
    kind: 1 + (seed.index % 5),
    startTimeUnixNano: seed.time,
    endTimeUnixNano: seed.time,
    attributes: attributes(seed),
    events: [{ timeUnixNano: seed.time, name: 'cache.miss', attributes: [string('key', `k${seed.index}`)] }],
    links: [{ traceId: hex(seed.index + 2, 32), spanId: hex(seed.index + 2, 16) }],
    status: seed.index % 5 === 0 ? { code: 2, message: 'boom' } : {},
  };
}

function metricJson(seed: ItemSeed): object {
  const point = { attributes: attributes(seed), timeUnixNano: seed.time };
  const name = `metric.${seed.index % 7}`;
  switch (seed.index % 5) {
    case 0:
      return { name, unit: 'By', gauge: { dataPoints: [{ ...point, asDouble: seed.index / 4 }] } };
    case 1: {
      const sum = { ...point, startTimeUnixNano: seed.time, asInt: String(seed.index) };
      return { name, unit: '1', sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [sum] } };
    }
    case 2: {
      const buckets = { ...point, count: '3', sum: 6, bucketCounts: ['1', '2', '0'], explicitBounds: [1, 10] };
      return { name, unit: 'ms', histogram: { aggregationTemporality: 1, dataPoints: [buckets] } };
    }
    case 3: {
      const positive = { offset: -1, bucketCounts: ['1', '1'] };
      const exponential = { ...point, count: '3', sum: 6, scale: 2, zeroCount: '1', positive };
      return { name, exponentialHistogram: { aggregationTemporality: 2, dataPoints: [exponential] } };
    }
    default: {
      const quantileValues = [{ quantile: 0.5, value: 1 }];
      return { name, summary: { dataPoints: [{ ...point, count: '3', sum: 6, quantileValues }] } };
    }
  }
}

function profileJson(seed: ItemSeed): object {
  return {
    sampleType: { typeStrindex: 1, unitStrindex: 2 },
    samples: [{ stackIndex: 0, values: ['1'], timestampsUnixNano: [seed.time] }],
    timeUnixNano: seed.time,
    durationNano: '1000000',
    profileId: hex(seed.index + 1, 32),
    ...(seed.padding === '' ? {} : { originalPayloadFormat: seed.padding }),
  };
}

/** Ids are never all zeros. */
function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
