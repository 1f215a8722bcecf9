import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, constants } from 'node:http2';
import type { Http2Server, ServerHttp2Session, ServerHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Metadata, Server, ServerCredentials, status as Status } from '@grpc/grpc-js';
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock, DeliveryError } from '@millrace/api';
import { grpcClientSchema } from './grpc-client-config.ts';
import { GrpcClient } from './grpc-client.ts';
import type { GrpcClientOptions } from './grpc-client.ts';
import { encodeRpcStatus, retryInfoDetail } from './rpc-status.ts';
import { ManualClock, systemClock } from './testing/clocks.ts';
import { decoded } from './testing/decoded-config.ts';
import { MemoryLogger } from './testing/memory-logger.ts';

const schema = grpcClientSchema();
type Given = Parameters<typeof decoded<typeof schema>>[1];
type Unary = (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => void;

const PATH = '/test.Echo/Echo';
let cleanUps: (() => void | Promise<void>)[];

beforeEach(() => {
  cleanUps = [];
});

afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
});

/** A grpc-js server with one method; resolves with its address. */
async function serve(method: Unary, address = '127.0.0.1:0'): Promise<string> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  const bytes = (value: Buffer): Buffer => value;
  const definition = {
    Echo: {
      path: PATH,
      requestStream: false,
      responseStream: false,
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    },
  };
  server.addService(definition, { Echo: method });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  cleanUps.push(() => server.forceShutdown());
  return address.startsWith('unix:') ? address : `127.0.0.1:${port}`;
}

async function listening(server: NetServer | Http2Server, host = '127.0.0.1', port = 0): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening');
  cleanUps.push(() => void server.close());
  return `${host}:${(server.address() as AddressInfo).port}`;
}

/** A server of raw HTTP/2 streams. */
async function serveRaw(onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void): Promise<string> {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    onStream(stream, headers);
  });
  server.on('session', (session) => {
    session.on('error', () => undefined);
    cleanUps.push(() => session.destroy());
  });
  return listening(server);
}

interface Making extends Partial<GrpcClientOptions> {
  readonly given?: Given;
  readonly clock?: Clock;
}

async function client(
  endpoint: string,
  { given = {}, clock = systemClock, ...rest }: Making = {},
): Promise<GrpcClient> {
  const config = decoded(schema, { endpoint, tls: { insecure: true }, ...given });
  const made = new GrpcClient({
    config,
    clock,
    logger: new MemoryLogger(),
    userAgent: 'millrace/1',
    random: () => 0.5,
    ...rest,
  });
  await made.start();
  cleanUps.push(async () => {
    const stopped = made.shutdown(0);
    if (clock instanceof ManualClock) clock.advance(0);
    await stopped;
  });
  return made;
}

async function failure(calling: Promise<unknown>): Promise<DeliveryError> {
  const error = await calling.then(
    () => assert.fail('the call was answered'),
    (rejected: unknown) => rejected as DeliveryError,
  );
  assert.equal(error.name, 'DeliveryError', String(error));
  return error;
}

/** Lets time pass in steps of a keepalive interval until the promise settles. */
async function advanceUntil<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  const state = { isSettled: false };
  void promise.finally(() => (state.isSettled = true));
  while (!state.isSettled) {
    clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return promise;
}

const echo: Unary = (call, reply) => reply(null, call.request);
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('calls to grpc-js', () => {
  it.each([0, 1, 100_000, 3_000_000])('a message of %d bytes is answered', async (length) => {
    const sender = await client(await serve(echo));
    const message = Buffer.alloc(length, 5);
    expect(Buffer.from(await sender.call(PATH, { message })).equals(message)).toBe(true);
  });

  it('many calls share a connection', async () => {
    const sender = await client(await serve(echo));
    const replies = await Promise.all(
      Array.from({ length: 300 }, (_, index) => sender.call(PATH, { message: Buffer.from(`${index}`) })),
    );
    expect(replies.map(text)).toEqual(Array.from({ length: 300 }, (_, index) => `${index}`));
  });

  it('a compressed message is named so, and a compressed reply is unpacked', async () => {
    const sender = await client(
      await serve((call, reply) => reply(null, Buffer.from(text(call.request).toUpperCase()))),
    );
    const reply = await sender.call(PATH, { message: gzipSync('hello '.repeat(500)), encoding: 'gzip' });
    expect(text(reply)).toBe('HELLO '.repeat(500));
  });

  it('metadata, user agent, authority and deadline arrive', async () => {
    let seen: unknown[] = [];
    const endpoint = await serve((call, reply) => {
      const { metadata } = call;
      seen = [
        metadata.get('x-key'),
        metadata.get('x-mine'),
        metadata.get('user-agent'),
        call.getHost(),
        call.getDeadline(),
      ];
      reply(null, Buffer.of());
    });
    const sender = await client(endpoint, { given: { headers: { 'X-Key': 'secret' }, authority: 'collector.test' } });
    await sender.call(PATH, { message: Buffer.of(), metadata: { 'x-mine': 'a', 'x-key': 'no' }, timeoutMs: 60_000 });
    expect(seen.slice(0, 4)).toEqual([['secret'], ['a'], ['millrace/1'], 'collector.test']);
    expect(Number(seen[4])).toBeGreaterThan(Date.now() + 30_000);
  });

  it('a unix socket works', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-'));
    cleanUps.push(() => rmSync(directory, { recursive: true }));
    const sender = await client(await serve(echo, `unix:${join(directory, 's')}`));
    expect(text(await sender.call(PATH, { message: Buffer.from('x') }))).toBe('x');
  });

  it.each(Object.values(Status).filter((code) => typeof code === 'number' && code !== Status.OK) as Status[])(
    'status %d becomes an error by the rules of OTLP',
    async (code) => {
      const sender = await client(await serve((_call, reply) => reply({ code, details: 'naïve %' })));
      const error = await failure(sender.call(PATH, { message: Buffer.of(1) }));
      const retryable = ['CANCELLED', 'DEADLINE_EXCEEDED', 'ABORTED', 'OUT_OF_RANGE', 'UNAVAILABLE', 'DATA_LOSS'];
      expect([error.code, error.retryable]).toEqual([Status[code], retryable.includes(Status[code])]);
      expect(error.message).toContain('naïve %');
    },
  );

  it.each([
    [Status.UNAVAILABLE, true],
    [Status.RESOURCE_EXHAUSTED, true],
    [Status.INVALID_ARGUMENT, false],
  ])('status %d with RetryInfo is retryable: %s', async (code, isRetryable) => {
    const metadata = new Metadata();
    const details = encodeRpcStatus({ code, message: 'later', details: [retryInfoDetail(2500)] });
    metadata.set('grpc-status-details-bin', Buffer.from(details));
    const sender = await client(await serve((_call, reply) => reply({ code, details: 'later', metadata })));
    const error = await failure(sender.call(PATH, { message: Buffer.of(1) }));
    expect([error.retryable, error.retryAfterMs]).toEqual([isRetryable, isRetryable ? 2500 : undefined]);
  });

  it('the deadline ends a call here and there', async () => {
    const cancelled = Promise.withResolvers<void>();
    const sender = await client(await serve((call) => call.on('cancelled', () => cancelled.resolve())));
    const error = await failure(sender.call(PATH, { message: Buffer.of(1), timeoutMs: 30 }));
    expect([error.code, error.retryable]).toEqual(['DEADLINE_EXCEEDED', true]);
    await cancelled.promise;
  });

  it('the caller ends a call, before or during it', async () => {
    const cancelled = Promise.withResolvers<void>();
    const controller = new AbortController();
    const endpoint = await serve((call) => {
      call.on('cancelled', () => cancelled.resolve());
      controller.abort();
    });
    const sender = await client(endpoint);
    for (let round = 0; round < 2; round += 1) {
      const error = await failure(sender.call(PATH, { message: Buffer.of(1), abort: controller.signal }));
      expect([error.code, error.retryable]).toEqual(['CANCELLED', true]);
    }
    await cancelled.promise;
  });
});

describe('connections', () => {
  it('a server that is not there fails calls at once, retryably, and is found when it comes', async () => {
    const reserved = createTcpServer();
    const endpoint = await listening(reserved);
    await new Promise((resolve) => reserved.close(resolve));
    const clock = new ManualClock();
    const sender = await client(endpoint, { clock });
    const error = await failure(sender.call(PATH, { message: Buffer.of(1) }));
    expect([error.code, error.retryable]).toEqual(['UNAVAILABLE', true]);
    expect(error.message).toContain('ECONNREFUSED');
    await serve(echo, endpoint);
    clock.advance(1000);
    expect(text(await sender.call(PATH, { message: Buffer.from('there') }))).toBe('there');
  });

  it('with wait_for_ready calls wait for the server', async () => {
    const reserved = createTcpServer();
    const endpoint = await listening(reserved);
    await new Promise((resolve) => reserved.close(resolve));
    const clock = new ManualClock();
    const sender = await client(endpoint, { clock, given: { wait_for_ready: true } });
    const calling = sender.call(PATH, { message: Buffer.from('there') });
    await serve(echo, endpoint);
    expect(text(await advanceUntil(clock, calling))).toBe('there');
  });

  it('a call that waits for a connection ends at its deadline', async () => {
    const silent = createTcpServer((socket) => void socket.resume());
    const endpoint = await listening(silent);
    silent.on('connection', (socket: Socket) => cleanUps.push(() => void socket.destroy()));
    const clock = new ManualClock();
    const sender = await client(endpoint, { clock });
    const failing = failure(sender.call(PATH, { message: Buffer.of(1), timeoutMs: 1000 }));
    await once(silent, 'connection');
    clock.advance(1000);
    expect((await failing).code).toBe('DEADLINE_EXCEEDED');
  });

  it.each([
    ['an HTTP/1 server', () => createHttpServer()],
    ['a server that hangs up', () => createTcpServer((socket) => void socket.end())],
    ['garbage', () => createTcpServer((socket) => void socket.end('\0\u0001\u0002garbage garbage garbage garbage'))],
  ])('%s fails calls retryably', async (_name, make) => {
    const sender = await client(await listening(make()));
    const error = await failure(sender.call(PATH, { message: Buffer.of(1) }));
    expect([error.code, error.retryable]).toEqual(['UNAVAILABLE', true]);
  });

  it('a broken connection fails its calls retryably and is replaced', async () => {
    let calls = 0;
    const endpoint = await serveRaw((stream) => {
      calls += 1;
      if (calls === 2) stream.session?.socket.destroy();
      else answer(stream);
    });
    const sender = await client(endpoint);
    await sender.call(PATH, { message: Buffer.of(1) });
    const error = await failure(sender.call(PATH, { message: Buffer.of(1) }));
    expect([error.code, error.retryable]).toEqual(['UNAVAILABLE', true]);
    expect(await sender.call(PATH, { message: Buffer.of(1) })).toHaveLength(0);
  });

  it.each([
    ['reset with REFUSED_STREAM', (stream: ServerHttp2Stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM)],
    [
      'cut off by a GOAWAY',
      (stream: ServerHttp2Stream) => cutOff(stream.session as ServerHttp2Session, constants.NGHTTP2_NO_ERROR),
    ],
    [
      'cut off by an angry GOAWAY',
      (stream: ServerHttp2Stream) => cutOff(stream.session as ServerHttp2Session, constants.NGHTTP2_ENHANCE_YOUR_CALM),
    ],
  ])('a call %s is repeated unnoticed', async (_name, refuse) => {
    let calls = 0;
    const endpoint = await serveRaw((stream) => {
      calls += 1;
      if (calls === 2) refuse(stream);
      else answer(stream);
    });
    const sender = await client(endpoint);
    for (let round = 0; round < 3; round += 1) await sender.call(PATH, { message: Buffer.of(1) });
    expect(calls).toBe(4);
  });

  it('a call that is refused again and again fails in the end', async () => {
    let calls = 0;
    const endpoint = await serveRaw((stream) => {
      calls += 1;
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    const error = await failure((await client(endpoint)).call(PATH, { message: Buffer.of(1) }));
    expect([error.code, error.retryable, calls]).toEqual(['UNAVAILABLE', true, 4]);
  });

  it('a graceful GOAWAY lets the call end and moves the next one', async () => {
    const sessions = new Set<unknown>();
    const endpoint = await serveRaw((stream) => {
      sessions.add(stream.session);
      if (sessions.size === 1) stream.session?.close();
      answer(stream);
    });
    const sender = await client(endpoint);
    for (let round = 0; round < 2; round += 1)
      expect(await sender.call(PATH, { message: Buffer.of(1) })).toHaveLength(0);
    expect(sessions.size).toBe(2);
  });

  it('a server that falls silent is noticed by pings', async () => {
    const clock = new ManualClock();
    const called = Promise.withResolvers<void>();
    const port = Number((await serveRaw(() => called.resolve())).split(':')[1]);
    const sockets: Socket[] = [];
    const gate = createTcpServer((socket) => {
      const onward = connect(port, '127.0.0.1');
      onward.pipe(socket).pipe(onward);
      sockets.push(onward, socket);
      for (const each of [onward, socket]) each.on('error', () => undefined);
    });
    cleanUps.push(() => sockets.forEach((socket) => socket.destroy()));
    const sender = await client(await listening(gate), { clock });
    const failing = failure(sender.call(PATH, { message: Buffer.of(1) }));
    await called.promise;
    sockets[0].unpipe();
    const error = await advanceUntil(clock, failing);
    expect(error.code).toBe('UNAVAILABLE');
    expect(error.message).toContain('does not answer pings');
  });
});

describe('addresses', () => {
  const counting = async (host: string, port: number): Promise<{ endpoint: string; calls: () => number }> => {
    let calls = 0;
    const server = createServer();
    server.on('stream', (stream) => {
      calls += 1;
      stream.on('error', () => undefined);
      answer(stream);
    });
    return { endpoint: await listening(server, host, port), calls: () => calls };
  };

  it.each([
    ['round_robin', [10, 10]],
    ['pick_first', [20, 0]],
  ] as const)('%s spreads 20 calls over two addresses as %j', async (policy, expected) => {
    const first = await counting('127.0.0.1', 0);
    const port = Number(first.endpoint.split(':')[1]);
    const second = await counting('127.0.0.2', port);
    const resolve = (): Promise<string[]> => Promise.resolve(['127.0.0.1', '127.0.0.2']);
    const sender = await client(`collector.test:${port}`, { given: { balancer_name: policy }, resolve });
    // Both connections have to be there before the turns can be counted.
    const isSpread = (): boolean => policy === 'pick_first' || second.calls() > 0;
    while (!isSpread()) await sender.call(PATH, { message: Buffer.of(1) });
    const before = [first.calls(), second.calls()];
    for (let round = 0; round < 20; round += 1) await sender.call(PATH, { message: Buffer.of(1) });
    expect([first.calls() - before[0], second.calls() - before[1]]).toEqual(expected);
  });

  it.each(['round_robin', 'pick_first'] as const)('%s goes around an address that does not answer', async (policy) => {
    const good = await counting('127.0.0.2', 0);
    const port = Number(good.endpoint.split(':')[1]);
    const resolve = (): Promise<string[]> => Promise.resolve(['127.0.0.1', '127.0.0.2']);
    const sender = await client(`collector.test:${port}`, { given: { balancer_name: policy }, resolve });
    for (let round = 0; round < 5; round += 1) await sender.call(PATH, { message: Buffer.of(1) });
    expect(good.calls()).toBe(5);
  });

  it('a name that cannot be resolved fails calls retryably', async () => {
    const resolve = (): Promise<string[]> => Promise.reject(new Error('no such host'));
    const error = await failure((await client('nowhere.test:4317', { resolve })).call(PATH, { message: Buffer.of(1) }));
    expect([error.code, error.retryable]).toEqual(['UNAVAILABLE', true]);
    expect(error.message).toContain('no such host');
  });
});

describe('bad replies', () => {
  const OK = { ':status': 200, 'content-type': 'application/grpc' };
  it.each([
    ['no message', Buffer.of(), 'INTERNAL'],
    ['half a message', Buffer.of(0, 0, 0, 0, 9, 1), 'INTERNAL'],
    ['two messages', Buffer.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 'INTERNAL'],
    ['a message above the limit', Buffer.of(0, 0xff, 0, 0, 0), 'RESOURCE_EXHAUSTED'],
    ['a compressed message without encoding', Buffer.of(1, 0, 0, 0, 1, 1), 'INTERNAL'],
  ])('%s is an error', async (_name, body, code) => {
    const endpoint = await serveRaw((stream) => {
      stream.respond(OK, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(body);
    });
    const error = await failure((await client(endpoint)).call(PATH, { message: Buffer.of(1) }));
    expect([error.code, error.retryable]).toEqual([code, false]);
  });

  it.each([
    [404, 'UNIMPLEMENTED', false],
    [503, 'UNAVAILABLE', true],
    [418, 'UNKNOWN', false],
  ])('HTTP status %d is %s', async (status, code, isRetryable) => {
    const endpoint = await serveRaw((stream) => stream.respond({ ':status': status }, { endStream: true }));
    const error = await failure((await client(endpoint)).call(PATH, { message: Buffer.of(1) }));
    expect([error.code, error.retryable]).toEqual([code, isRetryable]);
  });

  it('a status before the whole request has left ends the sending', async () => {
    const endpoint = await serveRaw((stream) => {
      stream.respond({ ...OK, 'grpc-status': '14', 'grpc-message': 'full' }, { endStream: true });
    });
    const error = await failure((await client(endpoint)).call(PATH, { message: Buffer.alloc(20_000_000) }));
    expect([error.code, error.retryable]).toEqual(['UNAVAILABLE', true]);
    expect(error.message).toContain('full');
  });

  it.each([
    [constants.NGHTTP2_CANCEL, 'CANCELLED', true],
    [constants.NGHTTP2_ENHANCE_YOUR_CALM, 'UNAVAILABLE', true],
    [constants.NGHTTP2_PROTOCOL_ERROR, 'INTERNAL', false],
  ])('a reset with code %d is %s', async (reset, code, isRetryable) => {
    const endpoint = await serveRaw((stream) => stream.close(reset));
    const error = await failure((await client(endpoint)).call(PATH, { message: Buffer.of(1) }));
    expect([error.code, error.retryable]).toEqual([code, isRetryable]);
  });
});

function answer(stream: ServerHttp2Stream): void {
  stream.resume();
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.alloc(5));
}

/** Says that nothing after the first call was begun, and hangs up. */
function cutOff(session: ServerHttp2Session, code: number): void {
  session.goaway(code, 1);
  setImmediate(() => session.destroy());
}
