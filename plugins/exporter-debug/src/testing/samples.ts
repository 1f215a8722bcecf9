import { jsonToProto, LogsBatch, MetricsBatch, TracesBatch } from '@millrace/otlp';

const START = '1581452772000000321';
const END = '1581452773000000789';
const TRACE_ID = '0102030405060708090a0b0c0d0e0f10';
const SPAN_ID = '1112131415161718';

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const resource = { attributes: [text('resource-attr', 'resource-attr-val-1')] };

/** A record with a body of nested values, and a bare one. */
export function logs(): LogsBatch {
  const map = { kvlistValue: { values: [text('key2', 'val2'), text('key1', 'val1')] } };
  const list = {
    arrayValue: { values: [{ intValue: '9007199254740993' }, { boolValue: true }, { doubleValue: 1.5 }] },
  };
  const full = {
    timeUnixNano: END,
    observedTimeUnixNano: '1581452773000000000',
    severityNumber: 10,
    severityText: 'INFO2',
    eventName: 'my.event',
    body: map,
    attributes: [
      text('app', 'server'),
      { key: 'instance_num', value: { intValue: '1' } },
      { key: 'whole', value: { doubleValue: 15 } },
      { key: 'list', value: list },
      { key: 'bytes', value: { bytesValue: 'AQID' } },
      { key: 'nothing', value: {} },
    ],
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    flags: 1,
  };
  const scope = { name: 'lib', version: '1.2', attributes: [text('scope-attr', 'x')] };
  const scopeLogs = [
    { scope, schemaUrl: 'https://example.com/scope', logRecords: [full] },
    { logRecords: [{ body: { stringValue: 'something happened' } }] },
  ];
  const request = { resourceLogs: [{ resource, schemaUrl: 'https://example.com/resource', scopeLogs }] };
  return LogsBatch.of([jsonToProto('logs', JSON.stringify(request))]);
}

/** A span with events and a state, and one with links. */
export function traces(): TracesBatch {
  const spans = [
    {
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      name: 'operationA',
      kind: 2,
      traceState: 'ot=th:0',
      startTimeUnixNano: START,
      endTimeUnixNano: END,
      droppedAttributesCount: 1,
      droppedEventsCount: 1,
      attributes: [text('net.peer.ip', '1.2.3.4')],
      events: [
        {
          name: 'event-with-attr',
          timeUnixNano: '1581452773000000123',
          droppedAttributesCount: 2,
          attributes: [text('span-event-attr', 'span-event-attr-val')],
        },
        { name: 'event', timeUnixNano: '1581452773000000123' },
      ],
      status: { code: 2, message: 'status-cancelled' },
    },
    {
      name: 'operationB',
      parentSpanId: SPAN_ID,
      startTimeUnixNano: START,
      endTimeUnixNano: END,
      links: [
        { traceId: TRACE_ID, spanId: SPAN_ID, droppedAttributesCount: 4, attributes: [text('span-link-attr', 'v')] },
      ],
    },
  ];
  const request = { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] };
  return TracesBatch.of([jsonToProto('traces', JSON.stringify(request))]);
}

/** A metric of each type. */
export function metrics(): MetricsBatch {
  const point = { startTimeUnixNano: START, timeUnixNano: END, attributes: [text('label-1', 'label-value-1')] };
  const exemplar = {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    timeUnixNano: '1581452773000000123',
    asDouble: 15,
    filteredAttributes: [text('exemplar-attachment', 'value')],
  };
  const histogram = { ...point, count: '1', sum: 15, min: 15, max: 15, explicitBounds: [1], bucketCounts: ['0', '1'] };
  const exponential = {
    ...point,
    count: '5',
    sum: 0.15,
    scale: 1,
    zeroCount: '1',
    positive: { offset: 1, bucketCounts: ['1', '1'] },
    negative: { offset: -1, bucketCounts: ['1', '1'] },
  };
  const summary = { ...point, count: '1', sum: 15, quantileValues: [{ quantile: 0.01, value: 15 }] };
  const list = [
    { name: 'gauge-int', unit: '1', gauge: { dataPoints: [{ ...point, asInt: '123' }] } },
    { name: 'gauge-double', description: 'd', gauge: { dataPoints: [{ ...point, asDouble: 4.56 }, point] } },
    {
      name: 'sum-int',
      sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ ...point, asInt: '456' }] },
    },
    {
      name: 'histogram',
      histogram: { aggregationTemporality: 2, dataPoints: [{ ...histogram, exemplars: [exemplar] }] },
    },
    { name: 'exponential-histogram', exponentialHistogram: { aggregationTemporality: 1, dataPoints: [exponential] } },
    { name: 'summary', summary: { dataPoints: [summary] } },
    { name: 'empty' },
  ];
  const request = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: list }] }] };
  return MetricsBatch.of([jsonToProto('metrics', JSON.stringify(request))]);
}
