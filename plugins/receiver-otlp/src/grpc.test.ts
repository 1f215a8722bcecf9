import { gzipSync } from 'node:zlib';
import { Client, compressionAlgorithms, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { decodeResponse } from '@millrace/otlp';
import { collectorOf, refuseForNow, refusePermanently, samplesOf, type TestCollector } from '@millrace/testkit';
import { expect, test } from 'vitest';

const EXPORT = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
const CONFIG = `
receivers: { otlp: { protocols: { grpc: { endpoint: "localhost:0", max_recv_msg_size_mib: 1 } } } }
exporters: { test/out: }
service: { pipelines: { logs: { receivers: [otlp], exporters: [test/out] } } }
`;
const [SMALL, TYPICAL] = samplesOf('logs');

async function overGrpc(options: object = {}) {
  const running = await collectorOf(CONFIG, { plugins: [new URL('./index.ts', import.meta.url)] });
  const address = running.collector.announcements[0]?.place.replace('grpc://', '') ?? '';
  const client = new Client(address, credentials.createInsecure(), options);
  return {
    running,
    call: (message: Uint8Array, method = EXPORT) => call(client, method, message),
    async [Symbol.asyncDispose]() {
      client.close();
      await running.shutdown();
    },
  };
}

/** The answer, or the error that grpc-js makes of it. */
function call(client: Client, method: string, message: Uint8Array): Promise<Buffer | ServiceError> {
  const bytes = (value: Buffer) => value;
  return new Promise((resolve) => {
    client.makeUnaryRequest(method, bytes, bytes, Buffer.from(message), new Metadata(), (error, value) =>
      resolve(error ?? (value as Buffer)),
    );
  });
}

function itemsOf(running: TestCollector): number {
  return running.out().items;
}

test('records of a real gRPC client arrive byte for byte, plain and compressed', async () => {
  for (const options of [{}, { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip }]) {
    await using it = await overGrpc(options);
    const answer = await it.call(TYPICAL.bytes);
    expect(answer).toBeInstanceOf(Buffer);
    expect(decodeResponse(answer as Buffer)).toBeUndefined();
    expect(it.running.out().accepted[0]?.bytes).toEqual(Uint8Array.from(TYPICAL.bytes));
  }
});

test.each([
  ['busy', refuseForNow, status.UNAVAILABLE],
  ['refuses for good', refusePermanently, status.INVALID_ARGUMENT],
])('a destination that is or %s reaches the client as its code', async (_name, act, code) => {
  await using it = await overGrpc();
  it.running.out().otherwise = act;
  expect(await it.call(SMALL.bytes)).toMatchObject({ code });
  expect(itemsOf(it.running)).toBe(0);
});

test('garbage, too large messages and unknown methods are refused with their codes, and hold no memory', async () => {
  await using it = await overGrpc();
  expect(await it.call(gzipSync(SMALL.bytes))).toMatchObject({ code: status.INVALID_ARGUMENT });
  expect(await it.call(new Uint8Array(2 * 1024 * 1024))).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  const traces = EXPORT.replaceAll('logs', 'trace').replace('Logs', 'Trace');
  expect(await it.call(SMALL.bytes, traces)).toMatchObject({ code: status.UNIMPLEMENTED });
  expect(itemsOf(it.running)).toBe(0);
  expect(it.running.bytesInFlight).toBe(0);
});
