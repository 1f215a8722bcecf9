/** Our gRPC client and server with each other, and with node:http2 where it is set to be difficult. */
import { once } from 'node:events';
import { connect as connectHttp2, constants, createServer } from 'node:http2';
import type { IncomingHttpHeaders, ServerHttp2Stream, ServerOptions } from 'node:http2';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grpcClientSchema } from './grpc-client-config.ts';
import { GrpcClient } from './grpc-client.ts';
import { ErrorCode } from './http2/error-code.ts';
import { FrameFlag, FrameType } from './http2/frame.ts';
import { encodeStateless } from './http2/hpack-encoder.ts';
import { systemClock } from './testing/clocks.ts';
import { decoded } from './testing/decoded-config.ts';
import { GrpcEcho, PATH, frame, once as next } from './testing/grpc-echo.ts';
import { MemoryLogger } from './testing/memory-logger.ts';
import { RawPeer, parseFrames, rawFrame, settings, uint32 } from './testing/raw-http2.ts';

const schema = grpcClientSchema();
type Given = Parameters<typeof decoded<typeof schema>>[1];
let echo: GrpcEcho;
let cleanUps: (() => unknown)[];

beforeEach(() => {
  echo = new GrpcEcho();
  cleanUps = [];
});

afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  await echo.close();
});

async function client(port: number, given: Given = {}): Promise<GrpcClient> {
  const config = decoded(schema, { endpoint: `127.0.0.1:${port}`, tls: { insecure: true }, ...given });
  const made = new GrpcClient({ config, clock: systemClock, logger: new MemoryLogger(), userAgent: 'millrace/1' });
  await made.start();
  cleanUps.push(() => made.shutdown(0));
  return made;
}

/** A server of node:http2 that answers each call with its message. */
async function serveNode(options: ServerOptions, connectionWindow = 65_535): Promise<number> {
  const server = createServer(options);
  server.on('session', (session) => {
    session.setLocalWindowSize(connectionWindow);
    session.on('error', () => undefined);
    cleanUps.push(() => session.destroy());
  });
  server.on('stream', (stream: ServerHttp2Stream, _headers: IncomingHttpHeaders) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      if (stream.destroyed) return;
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.concat(chunks));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A server that speaks frame by frame, to the first connection. */
async function serveFrames(onPeer: (peer: RawPeer) => void): Promise<number> {
  const server = createTcpServer((socket) => {
    const peer = new RawPeer(socket);
    cleanUps.push(() => void socket.destroy());
    peer.send(rawFrame(FrameType.SETTINGS, 0, 0, settings([4, 1_000_000])));
    onPeer(peer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

describe('our client and our server', () => {
  it('messages of all sizes, many at once, in memory that is used again, arrive as they were', async () => {
    await echo.serve();
    const sender = await client(echo.port);
    const worker = async (seed: number): Promise<void> => {
      const memory = Buffer.from(new SharedArrayBuffer(400_000));
      for (let round = 0; round < 8; round += 1) {
        const message = memory.subarray(0, Math.min(400_000, 3 ** (seed % 5) * 1000 * (round + 1)));
        randomBytes(message.length).copy(message);
        const reply = await sender.call(PATH, { message, timeoutMs: 60_000 });
        expect(message.equals(reply)).toBe(true);
        memory.fill(0);
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, seed) => worker(seed)));
  });

  it('a compressed message, metadata and a secret header arrive, call after call', async () => {
    await echo.serve({ include_metadata: true });
    echo.answer = (_bytes, head) =>
      Buffer.from(JSON.stringify([head.encoding, head.metadata?.['x-key'], head.metadata?.['x-mine']]));
    const sender = await client(echo.port, { headers: { 'X-Key': ' secret ' } });
    for (let round = 0; round < 3; round += 1) {
      const metadata = { 'x-mine': `${round}`, 'x-key': 'no' };
      const reply = await sender.call(PATH, { message: gzipSync('hello'), encoding: 'gzip', metadata });
      expect(JSON.parse(Buffer.from(reply).toString())).toEqual(['gzip', ['secret'], [`${round}`]]);
    }
  });

  it('calls that are cancelled leave nothing behind, and the connection goes on', async () => {
    await echo.serve();
    const sender = await client(echo.port);
    const echoed = echo.answer;
    echo.answer = () => new Promise(() => undefined);
    const controller = new AbortController();
    const message = Buffer.alloc(200_000, 1);
    const calls = Array.from({ length: 20 }, () => sender.call(PATH, { message, abort: controller.signal }));
    const settled = Promise.allSettled(calls);
    await echo.bodies.until(() => echo.bodies.admitted >= 20);
    controller.abort();
    const codes = (await settled).map((result) => (result.status === 'rejected' ? result.reason.code : 'reply'));
    expect(new Set(codes)).toEqual(new Set(['CANCELLED']));
    echo.answer = echoed;
    expect(await sender.call(PATH, { message: Buffer.of(7) })).toEqual(Buffer.of(7));
  });

  it('a server that starts again is found again', async () => {
    const first = await echo.serve();
    const sender = await client(echo.port, { wait_for_ready: true });
    await sender.call(PATH, { message: Buffer.of(1) });
    await first.shutdown(1000);
    await echo.serve({ endpoint: `127.0.0.1:${echo.port}` });
    expect(await sender.call(PATH, { message: Buffer.of(2) })).toEqual(Buffer.of(2));
  });
});

describe('our client and node:http2', () => {
  it.each([
    ['small windows', { settings: { initialWindowSize: 1000 } }],
    ['padding', { paddingStrategy: constants.PADDING_STRATEGY_MAX }],
    ['no header table', { settings: { headerTableSize: 0 } }],
    ['a large header table', { settings: { headerTableSize: 65_536 }, maxDeflateDynamicTableSize: 65_536 }],
    ['large frames', { settings: { maxFrameSize: 1_000_000, initialWindowSize: 10_000_000 } }],
    ['few streams at once', { settings: { maxConcurrentStreams: 2 } }],
  ])('with %s', async (_name, options: ServerOptions) => {
    const sender = await client(await serveNode(options));
    const messages = Array.from({ length: 30 }, (_, index) => randomBytes(index * 7000));
    const replies = await Promise.all(messages.map((message) => sender.call(PATH, { message })));
    expect(replies.every((reply, index) => messages[index].equals(reply))).toBe(true);
  });

  it('a call that is cancelled while it waits for its turn is never sent', async () => {
    const ok = encodeStateless([
      [':status', '200'],
      ['content-type', 'application/grpc'],
    ]);
    const served = Promise.withResolvers<RawPeer>();
    const port = await serveFrames((peer) => {
      peer.send(rawFrame(FrameType.SETTINGS, 0, 0, settings([3, 1])));
      served.resolve(peer);
    });
    const sender = await client(port);
    const controller = new AbortController();
    const first = sender.call(PATH, { message: Buffer.of(1) });
    const peer = await served.promise;
    const calls = () => parseFrames(peer.bytes.subarray(24)).filter(({ type }) => type === FrameType.DATA);
    while (calls().length === 0) await peer.more();
    const second = sender.call(PATH, { message: Buffer.of(2), abort: controller.signal });
    const third = sender.call(PATH, { message: Buffer.of(3) });
    controller.abort();
    await expect(second).rejects.toMatchObject({ code: 'CANCELLED' });
    for (const id of [1, 3]) {
      while (!calls().some(({ streamId }) => streamId === id)) await peer.more();
      peer.send(
        rawFrame(FrameType.HEADERS, FrameFlag.END_HEADERS, id, ok),
        rawFrame(FrameType.DATA, 0, id, Buffer.alloc(5)),
      );
      peer.send(rawFrame(FrameType.HEADERS, 5, id, encodeStateless([['grpc-status', '0']])));
    }
    await Promise.all([first, third]);
    expect(calls().map(({ payload }) => payload.at(-1))).toEqual([1, 3]);
  });

  it('bytes that a server stops reading do not hold an ended call for ever', async () => {
    const server = createTcpServer((socket) => {
      socket.write(rawFrame(4, 0, 0, settings([4, 2 ** 31 - 1])));
      socket.write(rawFrame(FrameType.WINDOW_UPDATE, 0, 0, uint32(2 ** 30)));
      socket.pause();
      cleanUps.push(() => void socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUps.push(() => server.close());
    const sender = await client((server.address() as AddressInfo).port);
    const call = sender.call(PATH, { message: Buffer.alloc(64 * 1024 * 1024), timeoutMs: 50 });
    await expect(call).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', retryable: true });
  });
});

describe('our server and node:http2', () => {
  it.each([
    ['small windows', { settings: { initialWindowSize: 1000 } }],
    ['padding', { paddingStrategy: constants.PADDING_STRATEGY_MAX }],
    ['no header table', { settings: { headerTableSize: 0 } }],
  ])('with %s', async (_name, options) => {
    await echo.serve();
    const session = connectHttp2(`http://127.0.0.1:${echo.port}`, options);
    session.on('error', () => undefined);
    cleanUps.push(() => session.destroy());
    const messages = Array.from({ length: 30 }, (_, index) => 'x'.repeat(index * 7000));
    const answers = await Promise.all(messages.map((text) => echo.rawCall({}, [frame(text)], session)));
    expect(answers.every(({ body }, index) => body.equals(frame(messages[index])))).toBe(true);
    expect(answers.every(({ trailers }) => trailers['grpc-status'] === '0')).toBe(true);
  });

  it('a header list above the limit is refused, and the connection goes on', async () => {
    await echo.serve();
    const session = echo.session();
    await next(session, 'remoteSettings');
    expect(session.remoteSettings.maxHeaderListSize).toBe(65_536);
    const many = Object.fromEntries(Array.from({ length: 700 }, (_, index) => [`x-${index}`, 'y'.repeat(60)]));
    await expect(echo.rawCall(many, [frame('x')], session)).rejects.toThrow('ENHANCE_YOUR_CALM');
    expect((await echo.rawCall({}, [frame('x')], session)).body.equals(frame('x'))).toBe(true);
  });
});

describe('bad servers', () => {
  const { END_HEADERS, END_STREAM } = FrameFlag;
  const ok = encodeStateless([
    [':status', '200'],
    ['content-type', 'application/grpc'],
  ]);
  it.each([
    ['push', [rawFrame(FrameType.PUSH_PROMISE, END_HEADERS, 1, uint32(2))], ErrorCode.PROTOCOL_ERROR],
    ['open streams', [rawFrame(FrameType.HEADERS, END_HEADERS, 2, ok)], ErrorCode.PROTOCOL_ERROR],
    ['answer what nobody asked', [rawFrame(FrameType.HEADERS, END_HEADERS, 99, ok)], ErrorCode.PROTOCOL_ERROR],
    [
      'send broken header blocks',
      [rawFrame(FrameType.HEADERS, END_HEADERS, 1, Buffer.of(0xff))],
      ErrorCode.COMPRESSION_ERROR,
    ],
    ['flood', Array.from({ length: 11_000 }, () => rawFrame(FrameType.SETTINGS, 0, 0)), ErrorCode.ENHANCE_YOUR_CALM],
  ])('that %s are left with the right code, and the call fails retryably', async (_name, frames, code) => {
    const seen = Promise.withResolvers<number | undefined>();
    const port = await serveFrames((peer) => {
      void isCalled(peer).then(() => {
        peer.send(...frames);
        void goawayOf(peer).then(seen.resolve);
      });
    });
    const sender = await client(port);
    const call = sender.call(PATH, { message: Buffer.of(1) });
    await expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(await seen.promise).toBe(code);
  });

  it.each([
    ['DATA before the headers', [rawFrame(FrameType.DATA, END_STREAM, 1, Buffer.alloc(5))]],
    ['no status', [rawFrame(FrameType.HEADERS, END_HEADERS, 1, encodeStateless([['grpc-status', '0']]))]],
    [
      'a malformed field',
      [
        rawFrame(
          FrameType.HEADERS,
          END_HEADERS,
          1,
          encodeStateless([
            [':status', '200'],
            ['A', ''],
          ]),
        ),
      ],
    ],
    ['trailers that do not end', [rawFrame(1, END_HEADERS, 1, ok), rawFrame(1, END_HEADERS, 1, Buffer.of())]],
  ])('with %s in an answer fail that call alone', async (_name, frames) => {
    const port = await serveFrames((peer) => {
      void isCalled(peer).then(() => peer.send(...frames));
    });
    const sender = await client(port);
    const call = sender.call(PATH, { message: Buffer.of(1) });
    await expect(call).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  /** Frames of a client come after its preface. */
  const after = (peer: RawPeer) => parseFrames(peer.bytes.subarray(24));

  async function isCalled(peer: RawPeer): Promise<void> {
    while (!after(peer).some(({ type }) => type === FrameType.HEADERS)) await peer.more();
  }

  async function goawayOf(peer: RawPeer): Promise<number | undefined> {
    const find = () => after(peer).find(({ type }) => type === FrameType.GOAWAY);
    while (find() === undefined && !peer.isClosed) await peer.more();
    return find()?.payload.readUInt32BE(4);
  }
});
