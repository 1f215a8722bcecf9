import { parseYaml, Problems, Source } from '@millrace/config';
import { jsonToProto, protoToJson } from '@millrace/otlp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordText } from './record-text.ts';
import { readShortRecords } from './short-form.ts';
import { readRecords, type RecordSignal } from './telemetry-record.ts';
import { writeRequest } from './write-request.ts';

/** Telemetry with every field that the short form knows. */
const SAMPLES: Readonly<Record<RecordSignal, object>> = {
  logs: {
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop: "a"' } }] },
        scopeLogs: [
          {
            scope: { name: 'web', version: '1', attributes: [{ key: 'n', value: { intValue: '-5' } }] },
            logRecords: [
              {
                timeUnixNano: '1767225600123456789',
                observedTimeUnixNano: '1767225600000000000',
                severityNumber: 14,
                severityText: 'warning',
                body: {
                  kvlistValue: {
                    values: [{ key: 'deep', value: { arrayValue: { values: [{ boolValue: true }, {}] } } }],
                  },
                },
                attributes: [
                  { key: 'int', value: { intValue: '9007199254740993' } },
                  { key: 'double', value: { doubleValue: 5 } },
                  { key: 'tiny', value: { doubleValue: 1e-9 } },
                  { key: 'huge', value: { doubleValue: 1e300 } },
                  { key: 'text number', value: { stringValue: '5' } },
                  { key: 'yes', value: { stringValue: 'no' } },
                  { key: 'lines', value: { stringValue: 'a\nb\t# c' } },
                  { key: 'empty', value: { stringValue: '' } },
                  { key: '-', value: { stringValue: '- x' } },
                  { key: 'null', value: { stringValue: '~' } },
                ],
                droppedAttributesCount: 2,
                flags: 1,
                traceId: '5b8efff798038103d269b633813fc60c',
                spanId: 'eee19b7ec3c1b174',
                eventName: 'order.paid',
              },
            ],
            schemaUrl: 'https://example.com/scope',
          },
        ],
        schemaUrl: 'https://example.com/resource',
      },
    ],
  },
  traces: {
    resourceSpans: [
      {
        resource: {},
        scopeSpans: [
          {
            scope: {},
            spans: [
              {
                traceId: '5b8efff798038103d269b633813fc60c',
                spanId: 'eee19b7ec3c1b174',
                traceState: 'a=b',
                parentSpanId: 'eee19b7ec3c1b173',
                flags: 257,
                name: 'GET /',
                kind: 2,
                startTimeUnixNano: '1767225600000000000',
                endTimeUnixNano: '1767225600250000000',
                attributes: [{ key: 'url.path', value: { stringValue: '/' } }],
                droppedAttributesCount: 1,
                events: [
                  {
                    timeUnixNano: '1767225600100000000',
                    name: 'exception',
                    attributes: [{ key: 'exception.message', value: { stringValue: 'boom' } }],
                    droppedAttributesCount: 1,
                  },
                ],
                droppedEventsCount: 3,
                links: [
                  {
                    traceId: '5b8efff798038103d269b633813fc60d',
                    spanId: 'eee19b7ec3c1b175',
                    traceState: 'c=d',
                    attributes: [{ key: 'k', value: { stringValue: 'v' } }],
                    droppedAttributesCount: 1,
                    flags: 1,
                  },
                ],
                droppedLinksCount: 4,
                status: { message: 'boom', code: 2 },
              },
            ],
          },
        ],
      },
    ],
  },
  metrics: {
    resourceMetrics: [
      {
        resource: {},
        scopeMetrics: [
          {
            scope: {},
            metrics: [
              metric('gauge', { gauge: { dataPoints: [{ ...point(), asDouble: 1.5, flags: 1 }] } }),
              metric('sum', {
                sum: { dataPoints: [{ ...point(), asInt: '7' }], aggregationTemporality: 1, isMonotonic: true },
              }),
              metric('histogram', {
                histogram: {
                  dataPoints: [
                    {
                      ...point(),
                      count: '3',
                      sum: 6,
                      bucketCounts: ['1', '0', '2'],
                      explicitBounds: [0, 10],
                      exemplars: [
                        {
                          filteredAttributes: [{ key: 'k', value: { stringValue: 'v' } }],
                          timeUnixNano: '1767225600000000000',
                          asDouble: 5,
                          spanId: 'eee19b7ec3c1b174',
                          traceId: '5b8efff798038103d269b633813fc60c',
                        },
                      ],
                      min: 0,
                      max: 4,
                    },
                  ],
                  aggregationTemporality: 2,
                },
              }),
              metric('exponential', {
                exponentialHistogram: {
                  dataPoints: [
                    {
                      ...point(),
                      count: '3',
                      sum: 6,
                      scale: -2,
                      zeroCount: '1',
                      positive: { offset: -3, bucketCounts: ['1', '0', '1'] },
                      negative: { bucketCounts: ['2'] },
                      zeroThreshold: 0.5,
                    },
                  ],
                  aggregationTemporality: 2,
                },
              }),
              metric('summary', {
                summary: {
                  dataPoints: [
                    {
                      ...point(),
                      count: '2',
                      sum: 3,
                      quantileValues: [
                        { quantile: 0.5, value: 1 },
                        { quantile: 1, value: 2 },
                      ],
                    },
                  ],
                },
              }),
            ],
          },
        ],
      },
    ],
  },
};

function metric(name: string, data: object): object {
  return {
    name,
    description: 'What it is.',
    unit: 'ms',
    ...data,
    metadata: [{ key: 'm', value: { stringValue: 'n' } }],
  };
}

function point(): object {
  return {
    attributes: [{ key: 'k', value: { stringValue: 'v' } }],
    startTimeUnixNano: '1767225600000000000',
    timeUnixNano: '1767225660000000000',
  };
}

test.each(Object.keys(SAMPLES) as RecordSignal[])(
  '%s are written as text and read back without a loss, with every field',
  (signal) => {
    const request = jsonToProto(signal, JSON.stringify(SAMPLES[signal]));
    const text = readRecords(signal, [request])
      .map((record) => recordText(record))
      .join('');
    const problems = new Problems();
    const { node, faults } = parseYaml(new Source({ label: 'text', text, dir: '.', order: 0 }));
    expect(faults).toEqual([]);
    const records = readShortRecords(node!, signal, problems);
    expect(problems.list('error')).toEqual([]);
    const written = writeRequest(
      signal,
      records.map(({ fields }) => fields),
      { nowNanos: 1n, nextId: () => 1n },
    );
    expect(jsonOf(signal, written)).toEqual(jsonOf(signal, request));
  },
);

test('any text is read back as it was, as a key, too', () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((key) => key !== '__proto__' && key !== '<<');
  fc.assert(
    fc.property(text, text, fc.constantFrom('- ', '#', ': ', "'", '{', '1', 'true', ''), (key, value, start) => {
      const attributes = new Map([[`${start}${key}`, `${start}${value}`]]);
      const written = recordText({ signal: 'logs', fields: new Map([['attributes', attributes]]) });
      const { node, faults } = parseYaml(new Source({ label: 'text', text: written, dir: '.', order: 0 }));
      expect(faults).toEqual([]);
      const [record] = readShortRecords(node!, 'logs', new Problems());
      expect(record.fields.get('attributes')).toEqual(attributes);
    }),
  );
});

function jsonOf(signal: RecordSignal, request: Uint8Array): unknown {
  return JSON.parse(Buffer.from(protoToJson(signal, request)).toString());
}
