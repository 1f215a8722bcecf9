/**
 * The costs of the wire views beside decoding to objects, in one run on one core:
 *
 *     node benchmarks/micro/otlp.ts [seconds per case, default 1]
 *
 * Input: 1,000 log records of about 382 bytes with 8 attributes each, in one export request. Ratios count, not absolutes.
 */
import { deepStrictEqual } from 'node:assert';
import { key, LogsBatch, TracesBatch, MetricsBatch } from '../../packages/otlp/src/index.ts';
import { decode, encode, messageType, type Plain } from '../../packages/otlp/src/testing/oracle.ts';

const RECORDS = 1000;
const seconds = Number(process.argv[2] ?? 1);

const ROUTES = ['/api/cart', '/api/checkout', '/api/products/{id}', '/healthz'];

function attributes(i: number): Plain[] {
  const text = (name: string, value: string): Plain => ({ key: name, value: { stringValue: value } });
  const whole = (name: string, value: bigint): Plain => ({ key: name, value: { intValue: value } });
  return [
    text('http.request.method', i % 3 === 0 ? 'POST' : 'GET'),
    text('http.route', ROUTES[i % ROUTES.length]),
    whole('http.response.status_code', BigInt(i % 50 === 0 ? 500 : 200)),
    whole('http.server.duration_us', BigInt(800 + ((i * 7919) % 90_000))),
    text('user.id', `user-${(i * 104_729) % 100_000}`),
    text('session.id', `5f0c${((i * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, '0')}`),
    text('net.peer.ip', `10.${i % 256}.${(i * 7) % 256}.${(i * 13) % 256}`),
    { key: 'cache.hit', value: { boolValue: i % 2 === 0 } },
  ];
}

function logRecord(i: number): Plain {
  return {
    timeUnixNano: 1_760_000_000_000_000_000n + BigInt(i) * 1_000_003n,
    observedTimeUnixNano: 1_760_000_000_100_000_000n + BigInt(i) * 1_000_003n,
    severityNumber: i % 50 === 0 ? 17 : 9,
    severityText: i % 50 === 0 ? 'ERROR' : 'INFO',
    body: {
      stringValue: `request ${i} for tenant-${i % 17} completed; cart has ${i % 9} items; warehouse eu-${i % 4}, no backlog`,
    },
    attributes: attributes(i),
    traceId: new Uint8Array(16).fill(i + 1),
    spanId: new Uint8Array(8).fill(i + 3),
  };
}

const indices = Array.from({ length: RECORDS }, (_, i) => i);
const resource: Plain = { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }] };
const logs = encode('logs', {
  resourceLogs: [{ resource, scopeLogs: [{ scope: {}, logRecords: indices.map(logRecord) }] }],
});
const spans = encode('traces', {
  resourceSpans: [
    {
      resource,
      scopeSpans: [
        {
          scope: {},
          spans: indices.map((i) => ({
            traceId: new Uint8Array(16).fill(i + 1),
            spanId: new Uint8Array(8).fill(i + 3),
            name: ROUTES[i % ROUTES.length],
            kind: 2,
            startTimeUnixNano: 1_760_000_000_000_000_000n,
            endTimeUnixNano: 1_760_000_000_200_000_000n,
            attributes: attributes(i),
            events: [
              { timeUnixNano: 1_760_000_000_100_000_000n, name: 'exception', attributes: attributes(i).slice(0, 2) },
            ],
            status: { code: 2 },
          })),
        },
      ],
    },
  ],
});
const points = encode('metrics', {
  resourceMetrics: [
    {
      resource,
      scopeMetrics: [
        {
          scope: {},
          metrics: indices.map((i) => ({
            name: `metric.${i % 100}`,
            unit: 's',
            sum: {
              dataPoints: [
                { timeUnixNano: 1_760_000_000_000_000_000n, asInt: BigInt(i), attributes: attributes(i).slice(0, 4) },
              ],
              aggregationTemporality: 2,
              isMonotonic: true,
            },
          })),
        },
      ],
    },
  ],
});

const METHOD = key('http.request.method');
const POST = key('POST');
const STATUS = key('http.response.status_code');
const USER = key('user.id');
const SESSION = key('session.id');
const PEER = key('net.peer.ip');
const REGION = key('cloud.region');
const HIT = key('cache.hit');

/** Consumed, so that nothing is optimized away. */
let sink = 0;

const BASELINE = 'protobufjs: decode and encode';
const requestType = messageType('logs');

interface DecodedLogs {
  resourceLogs: { scopeLogs: { logRecords: { attributes: { key: string; value: Record<string, unknown> }[] }[] }[] }[];
}

const cases: Record<string, () => void> = {
  'walk and count': () => {
    sink += LogsBatch.of([logs]).itemCount;
  },
  'walk with a cursor': () => {
    for (const record of LogsBatch.of([logs]).records) sink += record.isDropped ? 1 : 0;
  },
  'predicate: first of 8 attributes is a string': () => {
    for (const record of LogsBatch.of([logs]).records) if (record.attributes.equalsString(METHOD, POST)) sink++;
  },
  'predicate: last of 8 attributes exists': () => {
    for (const record of LogsBatch.of([logs]).records) if (record.attributes.has(HIT)) sink++;
  },
  'read a field: severity number': () => {
    for (const record of LogsBatch.of([logs]).records) sink += record.severityNumber;
  },
  'read an int and a string attribute': () => {
    for (const record of LogsBatch.of([logs]).records) {
      sink += record.attributes.get(STATUS) as number;
      sink += (record.attributes.get(USER) as string).length;
    }
  },
  'drop every second record': () => {
    let i = 0;
    const batch = LogsBatch.of([logs]);
    for (const record of batch.records) if (i++ & 1) record.drop();
    sink += batch.chunks[0].length;
  },
  'delete one attribute, insert one': () => {
    const batch = LogsBatch.of([logs]);
    for (const record of batch.records) {
      record.attributes.delete(SESSION);
      record.attributes.set(REGION, 'eu-central-1');
    }
    sink += batch.chunks[0].length;
  },
  'the same, and an attribute of the resource set meanwhile': () => {
    const batch = LogsBatch.of([logs]);
    for (const record of batch.records) {
      record.attributes.delete(SESSION);
      record.attributes.set(REGION, 'eu-central-1');
      if (!record.resource.attributes.has(REGION)) record.resource.attributes.set(REGION, 'eu-central-1');
    }
    sink += batch.chunks[0].length;
  },
  'overwrite one attribute': () => {
    const batch = LogsBatch.of([logs]);
    for (const record of batch.records) record.attributes.set(PEER, '0.0.0.0');
    sink += batch.chunks[0].length;
  },
  'set an attribute of the resource': () => {
    const batch = LogsBatch.of([logs]);
    for (const resource of batch.resources) resource.attributes.set(REGION, 'eu-central-1');
    sink += batch.chunks[0].length;
  },
  'spans: delete one attribute, insert one, read events': () => {
    const batch = TracesBatch.of([spans]);
    for (const span of batch.spans) {
      span.attributes.delete(SESSION);
      span.attributes.set(REGION, 'eu-central-1');
      for (const event of span.events) if (event.attributes.equalsString(METHOD, POST)) sink++;
    }
    sink += batch.chunks[0].length;
  },
  'data points: read the value, insert an attribute': () => {
    const batch = MetricsBatch.of([points]);
    for (const point of batch.dataPoints) {
      if (point.type === 'number') sink += Number(point.value);
      point.attributes.set(REGION, 'eu-central-1');
    }
    sink += batch.chunks[0].length;
  },
  // Last, because the garbage that they make slows down what comes after them.
  [BASELINE]: () => {
    sink += requestType.encode(requestType.decode(logs)).finish().length;
  },
  'protobufjs: decode, delete one attribute, insert one, encode': () => {
    const message = requestType.decode(logs) as unknown as DecodedLogs;
    for (const resourceLogs of message.resourceLogs)
      for (const scopeLogs of resourceLogs.scopeLogs)
        for (const record of scopeLogs.logRecords) {
          record.attributes = record.attributes.filter((attribute) => attribute.key !== 'session.id');
          record.attributes.push({ key: 'cloud.region', value: { stringValue: 'eu-central-1' } });
        }
    sink += requestType.encode(message).finish().length;
  },
};

/** The edits must be right before they may be fast. */
function check(): void {
  const batch = LogsBatch.of([logs]);
  for (const record of batch.records) {
    record.attributes.delete(SESSION);
    record.attributes.set(REGION, 'eu-central-1');
  }
  const message = requestType.decode(logs) as unknown as DecodedLogs;
  for (const record of message.resourceLogs[0].scopeLogs[0].logRecords) {
    record.attributes = record.attributes.filter((attribute) => attribute.key !== 'session.id');
    record.attributes.push({ key: 'cloud.region', value: { stringValue: 'eu-central-1' } });
  }
  const expected = decode('logs', Uint8Array.from(requestType.encode(message as never).finish()));
  deepStrictEqual(decode('logs', batch.toBytes()), expected);
}

/** Rounds per second of CPU time, the best of three: the machine may be busy with other things. */
function measure(run: () => void): number {
  const rate = (duration: number): number => {
    const start = process.cpuUsage();
    for (let rounds = 1; ; rounds++) {
      run();
      const { user, system } = process.cpuUsage(start);
      if (user + system >= duration * 1e6) return (rounds * 1e6) / (user + system);
    }
  };
  const part = seconds / 4;
  rate(part);
  return Math.max(rate(part), rate(part), rate(part)) * RECORDS;
}

check();
console.log(`node ${process.version}; ${Math.round(logs.length / RECORDS)} bytes a record`);
const rates = Object.entries(cases).map(([name, run]) => ({ name, rate: measure(run) }));
const baseline = rates.find(({ name }) => name === BASELINE)!.rate;
for (const { name, rate } of rates)
  console.log(`${(rate / 1e6).toFixed(2).padStart(8)} M/s ${(rate / baseline).toFixed(1).padStart(7)}x  ${name}`);
if (sink === 0) console.log('nothing was read');
