import { Client, credentials, status } from '@grpc/grpc-js';
import type { Signal } from '@millrace/api';
import { decodeResponse, decodeStatus, decodeStatusJson, protoToJson } from '@millrace/otlp';
import {
  type Answer,
  collectorOf,
  describeConformance,
  refuseForNow,
  refusePermanently,
  samplesOf,
} from '@millrace/testkit';
import { describe, expect, test } from 'vitest';

const PATHS: Readonly<Record<Signal, string>> = {
  logs: '/v1/logs',
  traces: '/v1/traces',
  metrics: '/v1/metrics',
  profiles: '/v1development/profiles',
};

describeConformance(new URL('./index.ts', import.meta.url), {
  configs: ['otlp/both: { protocols: { grpc: { endpoint: "localhost:0" }, http: { endpoint: "localhost:0" } } }'],
  // 203.0.113.0/24 is reserved for documentation: no machine has an address in it. gRPC has started by then.
  failing: ['otlp/half: { protocols: { grpc: { endpoint: "localhost:0" }, http: { endpoint: "203.0.113.1:4318" } } }'],
  receiver: [
    {
      config: 'otlp/http: { protocols: { http: { endpoint: "localhost:0" } } }',
      open: ([address = '']) =>
        Promise.resolve({
          send: async (signal, request) => answerOf(await post(address + PATHS[signal], request)),
          close: () => Promise.resolve(),
        }),
    },
    {
      config: 'otlp/grpc: { protocols: { grpc: { endpoint: "localhost:0" } } }',
      open: ([address = '']) => {
        const client = new Client(address.replace('grpc://', ''), credentials.createInsecure());
        return Promise.resolve({
          send: (signal, request) => exportOver(client, signal, request),
          close: () => Promise.resolve(client.close()),
        });
      },
    },
  ],
});

/** The gRPC services of the signals. */
const METHODS: Readonly<Record<Signal, string>> = {
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  profiles: '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export',
};

function exportOver(client: Client, signal: Signal, request: Uint8Array): Promise<Answer> {
  const bytes = (value: Buffer) => value;
  const { RESOURCE_EXHAUSTED, UNAVAILABLE } = status;
  return new Promise((resolve) => {
    client.makeUnaryRequest(METHODS[signal], bytes, bytes, Buffer.from(request), (error, reply) => {
      if (error === null) resolve({ outcome: 'accepted', rejected: decodeResponse(reply as Buffer)?.rejected ?? 0 });
      else resolve({ outcome: [RESOURCE_EXHAUSTED, UNAVAILABLE].includes(error.code) ? 'retryable' : 'permanent' });
    });
  });
}

function post(url: string, body: Uint8Array, contentType = 'application/x-protobuf'): Promise<Response> {
  return fetch(url, { method: 'POST', body: Uint8Array.from(body), headers: { 'content-type': contentType } });
}

async function answerOf(response: Response): Promise<Answer> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (response.status === 200) return { outcome: 'accepted', rejected: decodeResponse(bytes)?.rejected ?? 0 };
  return { outcome: response.status === 429 || response.status === 503 ? 'retryable' : 'permanent' };
}

const HTTP = `
receivers: { otlp: { protocols: { http: { endpoint: "localhost:0", max_request_body_size: 100000 } } } }
exporters: { test/out: }
service: { pipelines: { logs: { receivers: [otlp], exporters: [test/out] } } }
`;

async function overHttp() {
  const running = await collectorOf(HTTP, { plugins: [new URL('./index.ts', import.meta.url)] });
  const url = `${running.collector.announcements[0]?.place}${PATHS.logs}`;
  return { running, url, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

/** For comparison: fields may come in another order. */
function jsonOf(bytes: Uint8Array = new Uint8Array(0)): unknown {
  return JSON.parse(new TextDecoder().decode(protoToJson('logs', bytes)));
}

const [SMALL, TYPICAL] = samplesOf('logs');

describe('over HTTP', () => {
  test('JSON and protobuf of the same records arrive as the same records', async () => {
    await using it = await overHttp();
    const { bytes, ids } = TYPICAL;
    expect((await post(it.url, bytes)).status).toBe(200);
    const json = await post(it.url, protoToJson('logs', bytes), 'application/json');
    expect(json.status).toBe(200);
    expect(await json.json()).toEqual({ partialSuccess: {} });
    const [first, second] = it.running.out().accepted;
    expect(jsonOf(second?.bytes)).toEqual(jsonOf(first?.bytes));
    expect(it.running.out().ids()).toEqual([...ids, ...ids]);
  });

  test.each([
    ['a destination that is busy', refuseForNow, 503, 14],
    ['a destination that refuses for good', refusePermanently, 400, 3],
  ])('the answer of %s reaches the client as status and as google.rpc.Status', async (_name, act, http, grpc) => {
    await using it = await overHttp();
    it.running.out().otherwise = act;
    const response = await post(it.url, SMALL.bytes);
    expect(response.status).toBe(http);
    expect(decodeStatus(new Uint8Array(await response.arrayBuffer())).code).toBe(grpc);
    const json = await post(it.url, protoToJson('logs', SMALL.bytes), 'application/json');
    expect(json.status).toBe(http);
    expect(decodeStatusJson(await json.text()).code).toBe(grpc);
  });

  test('what is no OTLP is refused with 400 and a reason, and a wrong type with 415', async () => {
    await using it = await overHttp();
    const garbage = await post(it.url, Uint8Array.of(0x0a, 0xff, 0xff));
    expect(garbage.status).toBe(400);
    expect(decodeStatus(new Uint8Array(await garbage.arrayBuffer())).message).not.toBe('');
    expect((await post(it.url, new TextEncoder().encode('{'), 'application/json')).status).toBe(400);
    expect((await post(it.url, SMALL.bytes, 'text/plain')).status).toBe(415);
    expect((await post(it.url.replace('logs', 'traces'), SMALL.bytes)).status).toBe(404);
    expect((await fetch(it.url)).status).toBe(405);
    expect(it.running.out().calls).toBe(0);
    expect(it.running.bytesInFlight).toBe(0);
  });

  test('a body over the limit is refused, and nothing of it stays in memory', async () => {
    await using it = await overHttp();
    const response = await post(it.url, new Uint8Array(200_000));
    expect([400, 413]).toContain(response.status);
    expect(it.running.bytesInFlight).toBe(0);
  });
});
