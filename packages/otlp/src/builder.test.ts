import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogsBatch } from './logs-batch.ts';
import { LogsBuilder, type NewLogsScope } from './logs-builder.ts';
import { MetricsBatch } from './metrics-batch.ts';
import { MetricsBuilder } from './metrics-builder.ts';
import { requests } from './testing/arbitraries.ts';
import { decode, encode } from './testing/oracle.ts';
import { TracesBatch } from './traces-batch.ts';
import { TracesBuilder } from './traces-builder.ts';

test('a batch of logs is made from nothing', () => {
  const builder = new LogsBuilder();
  const resource = builder.addResource();
  resource.attributes.set('service.name', 'shop');
  resource.schemaUrl = 'https://x/1';
  const scope = resource.addScope();
  scope.name = 'lib';
  const record = scope.addRecord();
  record.body = { text: ['hello', 1, null] };
  record.severityNumber = 9;
  record.traceId = '0123456789abcdef0123456789abcdef';
  scope.addRecord().body = 'second';
  expect(() => record.scope).toThrow('in the making');
  expect(decode('logs', builder.build().toBytes())).toEqual({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
        schemaUrl: 'https://x/1',
        scopeLogs: [
          {
            scope: { name: 'lib' },
            logRecords: [
              {
                severityNumber: 9,
                traceId: 'hex:0123456789abcdef0123456789abcdef',
                body: {
                  kvlistValue: {
                    values: [
                      {
                        key: 'text',
                        value: { arrayValue: { values: [{ stringValue: 'hello' }, { intValue: 1n }, {}] } },
                      },
                    ],
                  },
                },
              },
              { body: { stringValue: 'second' } },
            ],
          },
        ],
      },
    ],
  });
});

test('spans with events, links and a status are made from nothing', () => {
  const builder = new TracesBuilder();
  const span = builder.addResource().addScope().addSpan();
  span.name = 'GET /';
  span.addEvent().name = 'first';
  const event = span.addEvent();
  event.name = 'second';
  event.attributes.set('k', 1);
  span.addLink().spanId = '0123456789abcdef';
  span.statusCode = 2;
  expect([...span.events].length).toBe(2);
  const [built] = (
    decode('traces', builder.build().toBytes()) as never as { resourceSpans: { scopeSpans: { spans: unknown[] }[] }[] }
  ).resourceSpans;
  expect(built.scopeSpans[0].spans).toEqual([
    {
      name: 'GET /',
      events: [{ name: 'first' }, { name: 'second', attributes: [{ key: 'k', value: { intValue: 1n } }] }],
      links: [{ spanId: 'hex:0123456789abcdef' }],
      status: { code: 2 },
    },
  ]);
});

test('metrics of every type are made from nothing', () => {
  const builder = new MetricsBuilder();
  const scope = builder.addResource().addScope();
  const sum = scope.addMetric('sum');
  sum.name = 'requests';
  sum.isMonotonic = true;
  sum.aggregationTemporality = 2;
  sum.addDataPoint().asInt = 5;
  const histogram = scope.addMetric('histogram').addDataPoint();
  histogram.bucketCounts = [1, 2n];
  histogram.explicitBounds = [0.5];
  histogram.sum = 0;
  const exponential = scope.addMetric('exponentialHistogram').addDataPoint();
  exponential.scale = -1;
  exponential.positive.offset = -7;
  exponential.positive.bucketCounts = [1, 300];
  const quantile = scope.addMetric('summary').addDataPoint().addQuantileValue();
  quantile.quantile = 0.5;
  quantile.value = 2;
  scope.addMetric('gauge').addDataPoint().addExemplar().asDouble = 1;
  const batch = builder.build();
  expect([batch.itemCount, [...batch.dataPoints].length]).toEqual([5, 5]);
  const decoded = decode('metrics', batch.toBytes()) as never as {
    resourceMetrics: { scopeMetrics: { metrics: unknown[] }[] }[];
  };
  expect(decoded.resourceMetrics[0].scopeMetrics[0].metrics).toEqual([
    { name: 'requests', sum: { dataPoints: [{ asInt: 5n }], aggregationTemporality: 2, isMonotonic: true } },
    { histogram: { dataPoints: [{ bucketCounts: [1n, 2n], explicitBounds: [0.5], sum: 0 }] } },
    { exponentialHistogram: { dataPoints: [{ scale: -1, positive: { offset: -7, bucketCounts: [1n, 300n] } }] } },
    { summary: { dataPoints: [{ quantileValues: [{ quantile: 0.5, value: 2 }] }] } },
    { gauge: { dataPoints: [{ exemplars: [{ asDouble: 1 }] }] } },
  ]);
});

test('records are regrouped under resources of another batch, some of them edited', () => {
  const record = (tenant: string, text: string) => ({
    body: { stringValue: text },
    attributes: [{ key: 'tenant', value: { stringValue: tenant } }],
  });
  const resource = { attributes: [{ key: 'host', value: { stringValue: 'h' } }] };
  const source = encode('logs', {
    resourceLogs: [
      {
        resource,
        scopeLogs: [{ scope: { name: 's' }, logRecords: [record('x', '1'), record('y', '2'), record('x', '3')] }],
      },
    ],
  });
  const builder = new LogsBuilder();
  const groups = new Map<string, NewLogsScope>();
  const batch = LogsBatch.of([source]);
  for (const each of batch.records) {
    const tenant = each.attributes.get('tenant') as string;
    let scope = groups.get(tenant);
    if (scope === undefined) {
      const made = builder.addResource(each.resource);
      made.attributes.set('tenant', tenant);
      scope = made.addScope(each.scope);
      groups.set(tenant, scope);
    }
    each.attributes.delete('tenant');
    scope.copyRecord(each);
    each.drop();
  }
  expect(batch.itemCount).toBe(0);
  const grouped = (tenant: string, ...texts: string[]) => ({
    resource: { attributes: [...resource.attributes, { key: 'tenant', value: { stringValue: tenant } }] },
    scopeLogs: [{ scope: { name: 's' }, logRecords: texts.map((text) => ({ body: { stringValue: text } })) }],
  });
  expect(decode('logs', builder.build().toBytes())).toEqual({
    resourceLogs: [grouped('x', '1', '3'), grouped('y', '2')],
  });
});

test('copying all items into a builder keeps their bytes', () => {
  fc.assert(
    fc.property(requests.traces, (request) => {
      const builder = new TracesBuilder();
      const batch = TracesBatch.of([encode('traces', request)]);
      const before: Uint8Array[] = [];
      for (const resource of batch.resources) {
        const made = builder.addResource(resource);
        for (const scope of resource.scopes) {
          const into = made.addScope(scope);
          for (const span of scope.spans) {
            before.push(span.toBytes());
            into.copySpan(span);
          }
        }
      }
      const after =
        [...builder.build().spans].length === 0 ? [] : Array.from(builder.build().spans, (span) => span.toBytes());
      expect(after).toEqual(before);
      expect(decode('traces', builder.build().toBytes())).toEqual(decode('traces', batch.toBytes()));
    }),
    { numRuns: 100 },
  );
});

test('copying all metrics, and all data points, into a builder keeps them', () => {
  fc.assert(
    fc.property(requests.metrics, (request) => {
      const batch = MetricsBatch.of([encode('metrics', request)]);
      const whole = new MetricsBuilder();
      const dealt = new MetricsBuilder();
      for (const resource of batch.resources) {
        const wholeResource = whole.addResource(resource);
        const dealtResource = dealt.addResource(resource);
        for (const scope of resource.scopes) {
          const wholeScope = wholeResource.addScope(scope);
          const dealtScope = dealtResource.addScope(scope);
          for (const metric of scope.metrics) {
            wholeScope.copyMetric(metric);
            if (metric.type === 'empty') {
              dealtScope.copyMetric(metric);
              continue;
            }
            const like = dealtScope.addMetricLike(metric);
            for (const point of metric.dataPoints) like.copyDataPoint(point);
          }
        }
      }
      const expected = decode('metrics', batch.toBytes());
      expect(decode('metrics', whole.build().toBytes())).toEqual(expected);
      expect(decode('metrics', dealt.build().toBytes())).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

test('clones stay when the loop goes on, with what is around them', () => {
  const points = [{ asInt: 1n }, { asInt: 2n }];
  const bytes = encode('metrics', {
    resourceMetrics: [
      {
        resource: { attributes: [{ key: 'r', value: { boolValue: true } }] },
        scopeMetrics: [{ scope: { name: 's' }, metrics: [{ name: 'm', gauge: { dataPoints: points } }] }],
      },
    ],
  });
  const batch = MetricsBatch.of([bytes]);
  const kept = [];
  for (const point of batch.dataPoints) {
    point.attributes.set('edited', true);
    kept.push(point.clone());
  }
  const [metric] = batch.metrics;
  const clone = metric.clone();
  metric.drop();
  expect(batch.itemCount).toBe(0);
  expect(kept.map((point) => (point.type === 'number' ? point.value : null))).toEqual([1, 2]);
  expect(kept.every((point) => point.attributes.get('edited') === true && point.metric.name === 'm')).toBe(true);
  expect(kept[0].resource.attributes.get('r')).toBe(true);
  expect([clone.name, clone.scope.name, [...clone.dataPoints].length]).toEqual(['m', 's', 2]);
});

test('data points and metrics are added to what a batch holds', () => {
  const bytes = encode('metrics', {
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', sum: { dataPoints: [{ asInt: 1n }] } }] }] }],
  });
  const batch = MetricsBatch.of([bytes]);
  for (const metric of batch.metrics) {
    const point = metric.addDataPoint();
    if (point.type === 'number') point.asInt = 2;
    for (const each of metric.dataPoints) each.attributes.set('k', 'v');
    const added = metric.scope.addMetric('gauge');
    added.name = 'g';
    added.addDataPoint().asDouble = 0.5;
  }
  const attributes = [{ key: 'k', value: { stringValue: 'v' } }];
  expect(decode('metrics', batch.toBytes())).toEqual({
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              {
                name: 'm',
                sum: {
                  dataPoints: [
                    { asInt: 1n, attributes },
                    { asInt: 2n, attributes },
                  ],
                },
              },
              { name: 'g', gauge: { dataPoints: [{ asDouble: 0.5 }] } },
            ],
          },
        ],
      },
    ],
  });
});
