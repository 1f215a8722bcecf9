/** Calls that are not what they claim to be get the Collector's status and say why; others go on undisturbed. */
import { connect as connectHttp2, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { connect } from 'node:net';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import * as grpc from '@grpc/grpc-js';
import { compress } from '@millrace/codec';
import { beforeAll, describe, expect, test } from 'vitest';
import { besideAnother } from './harness/bystander.ts';
import { atEndOf } from './harness/cleanup.ts';
import { Destination, directly } from './harness/destination.ts';
import { type Millrace, startCollector } from './harness/millrace.ts';
import { GrpcPeer, idList, idsOf, LOGS_EXPORT, logsProto } from './harness/requests.ts';

const MESSAGE_BYTES_MAX = 1024 * 1024;
const { INVALID_ARGUMENT, INTERNAL, RESOURCE_EXHAUSTED, UNIMPLEMENTED, DEADLINE_EXCEEDED } = grpc.status;

describe.each([0, 1])('with %i worker threads', (threads) => {
  let destination: Destination;
  let collector: Millrace;
  let peer: GrpcPeer;

  beforeAll(async () => {
    destination = await Destination.start('file');
    collector = await startCollector(
      `
receivers:
  otlp:
    protocols:
      grpc: { endpoint: 127.0.0.1:0, max_recv_msg_size_mib: ${MESSAGE_BYTES_MAX / 1024 / 1024} }
      http: { endpoint: 127.0.0.1:0 }
exporters:
  otlphttp: ${directly(destination)}
service:
  pipelines:
    logs: { receivers: [otlp], exporters: [otlphttp] }
`,
      { threads, lifetime: 'file' },
    );
    peer = new GrpcPeer(collector.grpc(), {}, 'file');
  });

  const undisturbed = <T>(act: () => Promise<T>): Promise<T> =>
    besideAnother({ http: collector.http(), destination }, act);

  test('a malformed message is refused with INVALID_ARGUMENT, and the same connection goes on', async () => {
    const good = logsProto(['after-malformed']);
    const answer = await undisturbed(() => peer.export(good.subarray(0, good.length - 3)));
    expect(answer.code).toBe(INVALID_ARGUMENT);
    expect(answer.message).not.toBe('');
    expect((await peer.export(good)).code).toBe(0);
    expect(idsOf(destination.items.entries)).toContain('after-malformed');
  });

  test('an unknown method and an unknown service are refused with UNIMPLEMENTED and their names', async () => {
    const method = await undisturbed(() => peer.export(new Uint8Array(), undefined, `${LOGS_EXPORT}s`));
    expect([method.code, method.message]).toEqual([UNIMPLEMENTED, expect.stringContaining('Exports')]);
    const service = await peer.export(new Uint8Array(), undefined, '/my.Service/Export');
    expect([service.code, service.message]).toEqual([UNIMPLEMENTED, expect.stringContaining('my.Service')]);
  });

  test('a message above the limit is refused with RESOURCE_EXHAUSTED and the limit', async () => {
    const answer = await undisturbed(() => peer.export(new Uint8Array(MESSAGE_BYTES_MAX + 1)));
    expect(answer.code).toBe(RESOURCE_EXHAUSTED);
    expect(answer.message).toContain(`${MESSAGE_BYTES_MAX} bytes (max_recv_msg_size_mib)`);
  });

  test('an unknown grpc-encoding is refused with UNIMPLEMENTED and the known ones', async () => {
    const answer = await undisturbed(() => rawCall(collector, { 'grpc-encoding': 'br' }, [frame(logsProto(['x']), 1)]));
    expect(answer['grpc-status']).toBe(String(UNIMPLEMENTED));
    expect(answer['grpc-accept-encoding']).toMatch(/gzip/);
    expect(answer['grpc-message']).toMatch(/br/);
  });

  const bomb = Buffer.alloc(256 * 1024 * 1024);
  test.each([
    ['gzip', () => gzipSync(bomb, { level: 9 })],
    ['deflate', () => deflateSync(bomb, { level: 9 })],
    ['zstd', () => zstdCompressSync(bomb)],
    ['snappy', () => Buffer.from(compress(bomb.subarray(0, MESSAGE_BYTES_MAX * 16), { codec: 'x-snappy-framed' }))],
  ])('a %s bomb is refused before it is unpacked', async (encoding, make) => {
    const body = make();
    expect(body.length).toBeLessThan(MESSAGE_BYTES_MAX);
    const before = await collector.scrape();
    const answer = await undisturbed(() => rawCall(collector, { 'grpc-encoding': encoding }, [frame(body, 1)]));
    expect([String(INVALID_ARGUMENT), String(RESOURCE_EXHAUSTED)]).toContain(answer['grpc-status']);
    expect(answer['grpc-message']).toContain(String(MESSAGE_BYTES_MAX));
    const after = await collector.scrape();
    const grown = after.sum('otelcol_process_memory_rss') - before.sum('otelcol_process_memory_rss');
    expect(grown).toBeLessThan(bomb.length / 2);
  });

  test('half a message is refused with INTERNAL', async () => {
    const whole = frame(logsProto(['half-a-message']), 0);
    const answer = await undisturbed(() => rawCall(collector, {}, [whole.subarray(0, whole.length - 10)]));
    expect(answer['grpc-status']).toBe(String(INTERNAL));
    expect(answer['grpc-message']).toMatch(/incomplete/);
    expect(idsOf(destination.items.entries)).not.toContain('half-a-message');
  });

  test('no message, and two messages, are refused with INTERNAL', async () => {
    expect((await rawCall(collector, {}, []))['grpc-status']).toBe(String(INTERNAL));
    const message = frame(logsProto(['one-of-two']), 0);
    expect((await rawCall(collector, {}, [message, message]))['grpc-status']).toBe(String(INTERNAL));
    expect(idsOf(destination.items.entries)).not.toContain('one-of-two');
  });

  test('a call that is no gRPC is refused with 415', async () => {
    const answer = await undisturbed(() => rawCall(collector, { 'content-type': 'application/json' }, []));
    expect(answer[':status']).toBe(415);
  });

  test('a deadline that passes while the message is on its way ends the call with DEADLINE_EXCEEDED', async () => {
    const stream = openCall(collector, { 'grpc-timeout': '20m' });
    const answer = answerOf(stream);
    stream.write(frame(logsProto(['too-late']), 0).subarray(0, 8));
    expect((await answer)['grpc-status']).toBe(String(DEADLINE_EXCEEDED));
  });

  test.each([
    ['an HTTP/1.1 request', 'POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}'],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(600, '\x42')],
    ['random bytes', Array.from({ length: 4_096 }, (_, at) => String.fromCharCode((at * 7919 + 13) % 256)).join('')],
    ['a preface and then garbage', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'\xff'.repeat(1_000)}`],
  ])('%s on the gRPC port ends that connection and no other', async (_what, bytes) => {
    await undisturbed(async () => {
      await sendUntilClosed(collector.grpc(), bytes);
    });
    expect((await peer.export(logsProto(['after-garbage']))).code).toBe(0);
  });

  test('clients that vanish in the middle of a call leave nothing behind', async () => {
    await undisturbed(async () => {
      for (let client = 0; client < 30; client++) {
        const session = openSession(collector);
        const stream = openCall(collector, {}, session);
        stream.on('error', () => undefined);
        await new Promise((resolve) => stream.write(frame(logsProto(idList('gone', 50)), 0).subarray(0, 900), resolve));
        session.destroy();
      }
    });
    expect(idsOf(destination.items.entries).filter((id) => id.startsWith('gone'))).toEqual([]);
    await collector.metric('millrace_bytes_in_flight', {}, (bytes) => bytes === 0);
  });

  test('2,000 idle connections do not keep others from being served', async () => {
    await undisturbed(async () => {
      const sockets = await Promise.all(Array.from({ length: 2_000 }, () => openSocket(collector.grpc())));
      const answers = await Promise.all(idList('busy', 50).map((id) => peer.export(logsProto([id]))));
      expect(answers.every(({ code }) => code === 0)).toBe(true);
      for (const socket of sockets) socket.destroy();
    });
  });

  test('in the end the collector has nothing to complain about', async () => {
    expect(collector.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
  });
});

type Headers = Readonly<Record<string, string | number | string[] | undefined>>;

/** The length-prefixed form of a message. */
function frame(message: Uint8Array, flags: number): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flags;
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function openSession(collector: Millrace): ClientHttp2Session {
  const session = connectHttp2(`http://${collector.grpc()}`);
  session.on('error', () => undefined);
  atEndOf('test', () => session.destroy());
  return session;
}

function openCall(collector: Millrace, headers: Headers, session = openSession(collector)): ClientHttp2Stream {
  return session.request({
    ':method': 'POST',
    ':path': LOGS_EXPORT,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
}

/** Headers and trailers of the answer together. */
function answerOf(stream: ClientHttp2Stream): Promise<Headers> {
  return new Promise((resolve, reject) => {
    let all: Headers = {};
    stream.on('response', (headers) => (all = { ...all, ...headers }));
    stream.on('trailers', (trailers) => (all = { ...all, ...trailers }));
    stream.on('error', reject);
    stream.on('close', () => resolve(all));
    stream.resume();
  });
}

function rawCall(collector: Millrace, headers: Headers, chunks: readonly Uint8Array[]): Promise<Headers> {
  const stream = openCall(collector, headers);
  const answer = answerOf(stream);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return answer;
}

function openSocket(address: string): Promise<ReturnType<typeof connect>> {
  const { hostname, port } = new URL(`http://${address}`);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    atEndOf('test', () => void socket.destroy());
    socket.on('error', reject);
    socket.on('connect', () => resolve(socket));
  });
}

async function sendUntilClosed(address: string, bytes: string): Promise<void> {
  const socket = await openSocket(address);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.resume();
  socket.write(bytes, 'latin1');
  await closed;
}
