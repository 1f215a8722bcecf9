import { DeliveryError, permanent, retryable, type Signal } from '@millrace/api';
import { LogsBatch, protoToJson, validate } from '@millrace/otlp';
import { FakeReceiverHost, ManualClock, samplesOf } from '@millrace/testkit';
import { expect, test, vi } from 'vitest';
import { InProcessReceivers } from './attached.ts';
import { InProcessReceiver } from './in-process-receiver.ts';
import type { LogInput, MetricInput, SpanInput } from './input.ts';

const ALL: readonly Signal[] = ['logs', 'traces', 'metrics', 'profiles'];
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

/** The one request that came out, as OTLP/JSON. */
async function taken(send: (receiver: InProcessReceiver) => Promise<unknown>): Promise<unknown> {
  const host = new FakeReceiverHost(ALL);
  await send(new InProcessReceiver(host));
  const [{ signal, body }] = host.consumed;
  validate(signal, body);
  return JSON.parse(new TextDecoder().decode(protoToJson(signal, [body])));
}

async function failure(send: (receiver: InProcessReceiver) => Promise<unknown>): Promise<DeliveryError> {
  const host = new FakeReceiverHost(ALL);
  const error: unknown = await send(new InProcessReceiver(host)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(host.consumed).toEqual([]);
  expect(host.ledger.leaks).toEqual([]);
  expect(error).toBeInstanceOf(DeliveryError);
  return error as DeliveryError;
}

test('plain log records become OTLP with everything that was said', async () => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
  const record: LogInput = {
    body: { text: 'paid', cents: 4_200n, parts: [1, 2.5, true, null], raw: new Uint8Array([1, 2]) },
    severity: 'warn',
    time: new Date(1_600_000_000_123),
    attributes: { 'user.id': 'u1', absent: undefined, big: 2n ** 62n },
    eventName: 'payment',
    traceId: TRACE,
    spanId: SPAN,
    traceFlags: 1,
  };
  const origin = { resource: { 'service.name': 'shop' }, scope: { name: 'app', version: '1', attributes: { a: 1 } } };
  const logs = await taken((receiver) => receiver.logs([record, { body: 'bare' }, { severity: 10 }], origin));
  vi.useRealTimers();
  const now = '1700000000000000000';
  const int = (value: string) => ({ intValue: value });
  expect(logs).toEqual({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
        scopeLogs: [
          {
            scope: { name: 'app', version: '1', attributes: [{ key: 'a', value: int('1') }] },
            logRecords: [
              {
                timeUnixNano: '1600000000123000000',
                observedTimeUnixNano: now,
                severityNumber: 13,
                severityText: 'WARN',
                body: {
                  kvlistValue: {
                    values: [
                      { key: 'text', value: { stringValue: 'paid' } },
                      { key: 'cents', value: int('4200') },
                      {
                        key: 'parts',
                        value: { arrayValue: { values: [int('1'), { doubleValue: 2.5 }, { boolValue: true }, {}] } },
                      },
                      { key: 'raw', value: { bytesValue: 'AQI=' } },
                    ],
                  },
                },
                attributes: [
                  { key: 'user.id', value: { stringValue: 'u1' } },
                  { key: 'big', value: int('4611686018427387904') },
                ],
                eventName: 'payment',
                traceId: TRACE,
                spanId: SPAN,
                flags: 1,
              },
              { timeUnixNano: now, observedTimeUnixNano: now, body: { stringValue: 'bare' } },
              { timeUnixNano: now, observedTimeUnixNano: now, severityNumber: 10, body: {} },
            ],
          },
        ],
      },
    ],
  });
});

test('plain spans become OTLP with events, links and status', async () => {
  const span: SpanInput = {
    name: 'GET /cart',
    traceId: TRACE,
    spanId: SPAN,
    parentSpanId: '00f067aa0ba902b7',
    kind: 'server',
    start: 1_700_000_000_000.25,
    end: 1_700_000_000_001_000_000n,
    attributes: { 'http.route': '/cart' },
    status: { code: 'error', message: 'boom' },
    events: [{ name: 'retry', time: 1_700_000_000_000, attributes: { n: 1 } }],
    links: [{ traceId: TRACE, spanId: SPAN, attributes: { why: 'batch' } }],
    traceState: 'k=v',
    traceFlags: 1,
  };
  expect(await taken((receiver) => receiver.traces([span]))).toMatchObject({
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: [
              {
                name: 'GET /cart',
                traceId: TRACE,
                spanId: SPAN,
                parentSpanId: '00f067aa0ba902b7',
                kind: 2,
                startTimeUnixNano: '1700000000000250000',
                endTimeUnixNano: '1700000000001000000',
                attributes: [{ key: 'http.route', value: { stringValue: '/cart' } }],
                status: { code: 2, message: 'boom' },
                events: [{ name: 'retry', attributes: [{ key: 'n', value: { intValue: '1' } }] }],
                links: [{ traceId: TRACE, attributes: [{ key: 'why', value: { stringValue: 'batch' } }] }],
                traceState: 'k=v',
                flags: 1,
              },
            ],
          },
        ],
      },
    ],
  });
});

test('points of one metric are put together, whatever comes between them', async () => {
  const points: MetricInput[] = [
    { type: 'sum', name: 'orders', unit: '1', temporality: 'delta', value: 2n, start: 1_000, time: 2_000 },
    { type: 'gauge', name: 'load', value: 1 },
    { type: 'sum', name: 'orders', unit: '1', temporality: 'delta', value: 3n, attributes: { shop: 'b' } },
    {
      type: 'histogram',
      name: 'ms',
      temporality: 'cumulative',
      count: 3,
      sum: 9,
      min: 1,
      max: 5,
      bounds: [2],
      counts: [1, 2],
    },
    { type: 'sum', name: 'orders', unit: '1', temporality: 'cumulative', monotonic: false, value: 1.5 },
  ];
  const told = (await taken((receiver) => receiver.metrics(points))) as {
    resourceMetrics: { scopeMetrics: { metrics: unknown[] }[] }[];
  };
  expect(told.resourceMetrics[0].scopeMetrics[0].metrics).toMatchObject([
    {
      name: 'orders',
      unit: '1',
      sum: {
        aggregationTemporality: 1,
        isMonotonic: true,
        dataPoints: [
          { asInt: '2', startTimeUnixNano: '1000000000', timeUnixNano: '2000000000' },
          { asInt: '3', attributes: [{ key: 'shop' }] },
        ],
      },
    },
    { name: 'load', gauge: { dataPoints: [{ asDouble: 1 }] } },
    {
      name: 'ms',
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [{ count: '3', sum: 9, min: 1, max: 5, explicitBounds: [2], bucketCounts: ['1', '2'] }],
      },
    },
    { name: 'orders', sum: { aggregationTemporality: 2, dataPoints: [{ asDouble: 1.5 }] } },
  ]);
});

test.each(ALL)('%s go through as protobuf bytes, untouched, and as OTLP/JSON', async (signal) => {
  const host = new FakeReceiverHost(ALL);
  const receiver = new InProcessReceiver(host);
  const { bytes } = samplesOf(signal)[0] as { bytes: Uint8Array };
  await receiver[signal](bytes);
  const json = JSON.parse(new TextDecoder().decode(protoToJson(signal, [bytes]))) as never;
  await receiver[signal](json);
  expect(host.consumed[0]).toMatchObject({ signal, body: bytes, transport: 'in_process', form: undefined });
  expect(
    JSON.parse(new TextDecoder().decode(protoToJson(signal, [host.consumed[1]?.body ?? new Uint8Array()]))),
  ).toEqual(json);
});

test('JSON objects may hold 64-bit integers as bigint', async () => {
  const record = {
    timeUnixNano: 1_700_000_000_000_000_001n,
    attributes: [{ key: 'n', value: { intValue: 2n ** 53n + 1n } }],
  };
  const host = new FakeReceiverHost(ALL);
  await new InProcessReceiver(host).logs({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
  const [log] = LogsBatch.of([host.consumed[0]?.body ?? new Uint8Array()]).records;
  expect(log?.timeUnixNano).toBe(1_700_000_000_000_000_001n);
  expect(log?.attributes.get('n')).toBe(2n ** 53n + 1n);
});

test.each<[string, (receiver: InProcessReceiver) => Promise<unknown>, string]>([
  [
    'a field that is none',
    (r) => r.logs([{ body: 'x' }, { message: 'x' } as LogInput]),
    'log record 1 cannot be encoded: there is no field "message"; the fields are body,',
  ],
  ['a record that is none', (r) => r.logs(['x' as LogInput]), 'log record 0 cannot be encoded: it is x'],
  [
    'a severity that is none',
    (r) => r.logs([{ severity: 'loud' as never }]),
    'there is no severity "loud": write one of trace, debug',
  ],
  ['a severity out of range', (r) => r.logs([{ severity: 25 }]), '25 is no severity'],
  ['an invalid time', (r) => r.logs([{ time: new Date('never') }]), 'is no time'],
  ['a short trace id', (r) => r.logs([{ traceId: 'abc' }]), '"abc" is no trace id: it has 32 hex digits'],
  ['a span without ids', (r) => r.traces([{ name: 'x', start: 0, end: 1 } as SpanInput]), '"undefined" is no trace id'],
  [
    'a name that is no text',
    (r) => r.metrics([{ type: 'gauge', name: 7 as never, value: 1 }]),
    'its name is 7, not a text',
  ],
  ['a time beyond 64 bits', (r) => r.logs([{ time: 2n ** 64n }]), '18446744073709551616 is no time'],
  [
    'a negative count',
    (r) => r.metrics([{ type: 'histogram', name: 'h', temporality: 'delta', count: -1 }]),
    '-1 is no count',
  ],
  ['an integer beyond 64 bits', (r) => r.logs([{ body: 2n ** 64n }]), 'does not fit into 64 bits'],
  [
    'a metric of no type',
    (r) => r.metrics([{ name: 'x', value: 1 } as MetricInput]),
    'there is no type "undefined": write one of gauge, sum, histogram',
  ],
  [
    'a sum without temporality',
    (r) => r.metrics([{ type: 'sum', name: 'x', value: 1 } as MetricInput]),
    'there is no temporality "undefined"',
  ],
  [
    'bounds that do not fit',
    (r) =>
      r.metrics([
        { type: 'gauge', name: 'g', value: 1 },
        { type: 'histogram', name: 'x', temporality: 'delta', count: 1, bounds: [1], counts: [1] },
      ]),
    'metric 1 cannot be encoded: it has 1 bounds and 1 counts',
  ],
  [
    'JSON of another signal',
    (r) => r.logs({ resourceSpans: [] } as never),
    'an object with resourceLogs, an array of records',
  ],
  ['JSON with a wrong field', (r) => r.logs({ resourceLogs: [{ scopeLogs: 7 }] }), 'scopeLogs'],
  ['nothing', (r) => r.profiles(undefined as never), 'profiles must be OTLP protobuf bytes'],
])('%s is refused for good, and nothing is handed over', async (_case, send, message) => {
  const error = await failure(send);
  expect(error.message).toContain(message);
  expect(error).toMatchObject({ code: 'INVALID_INPUT', retryable: false });
});

test('what the pipelines say is what the caller gets', async () => {
  const host = new FakeReceiverHost(['logs']);
  const receiver = new InProcessReceiver(host);
  host.answer = () => Promise.resolve({ items: 2 });
  expect(await receiver.logs([{}, {}])).toEqual({ items: 2 });
  const partial = permanent('one is bad', { failedItems: 1 });
  host.answer = () => Promise.reject(partial);
  await expect(receiver.logs([{}, {}])).rejects.toBe(partial);
  host.refusal = retryable('full', { retryAfterMs: 5 });
  await expect(receiver.logs([{}])).rejects.toBe(host.refusal);
  await expect(receiver.metrics([])).rejects.toMatchObject({ code: 'SIGNAL_NOT_CONFIGURED' });
  expect(host.ledger.leaks).toEqual([]);
});

test('close refuses what comes and waits for what was taken', async () => {
  const host = new FakeReceiverHost(['logs']);
  const receiver = new InProcessReceiver(host);
  const answer = Promise.withResolvers<{ items: number }>();
  host.answer = () => answer.promise;
  const sent = receiver.logs([{}]);
  let isClosed = false;
  const closed = receiver.close().then(() => (isClosed = true));
  await expect(receiver.logs([{}])).rejects.toMatchObject({ code: 'SHUTTING_DOWN', retryable: true });
  expect(isClosed).toBe(false);
  answer.resolve({ items: 1 });
  await Promise.all([sent, closed]);
});

test('an attached receiver is found by its id while it runs; a later one of the same id takes its place', async () => {
  const receivers = new InProcessReceivers();
  const make = () =>
    receivers.definition.create({}, new FakeReceiverHost(['logs'], { id: 'in_process/app', clock: new ManualClock() }));
  const first = make();
  expect(receivers.get('in_process/app')).toBeUndefined();
  await first.start?.();
  const running = receivers.get('in_process/app');
  const second = make();
  await second.start?.();
  await first.shutdown?.();
  expect(receivers.get('in_process/app')).not.toBe(running);
  expect(receivers.ids).toEqual(['in_process/app']);
  await second.shutdown?.();
  expect(receivers.ids).toEqual([]);
});
