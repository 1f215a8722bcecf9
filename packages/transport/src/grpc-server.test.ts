import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import type { ClientHttp2Session, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { Client, Metadata, compressionAlgorithms, credentials, status as Status } from '@grpc/grpc-js';
import type { CallOptions, ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { permanent, retryable } from '@millrace/api';
import type { Clock } from '@millrace/api';
import type { GrpcCallHead, GrpcMethod } from './grpc-method.ts';
import { grpcServerSchema } from './grpc-server-config.ts';
import { GrpcServer } from './grpc-server.ts';
import { GrpcError } from './grpc-status.ts';
import { decodeRpcStatus, retryDelayMs } from './rpc-status.ts';
import { ManualClock, systemClock } from './testing/clocks.ts';
import { CountedBodies } from './testing/counted-bodies.ts';
import { decoded } from './testing/decoded-config.ts';
import { MemoryLogger } from './testing/memory-logger.ts';

const schema = grpcServerSchema({ endpoint: 'localhost:0' });
type Given = Parameters<typeof decoded<typeof schema>>[1];

const PATH = '/test.Echo/Echo';
let bodies: CountedBodies;
let logger: MemoryLogger;
let servers: GrpcServer[];
let clients: (() => void)[];
let port: number;
let manual: ManualClock[];
/** What the method answers; replaced by tests. */
let answer: (bytes: Uint8Array, head: GrpcCallHead) => Uint8Array | Promise<Uint8Array>;

const method: GrpcMethod = {
  admit: (_head, expected) => bodies.admit(expected),
  handle(head, body) {
    const bytes = Buffer.from(body.bytes);
    body.release();
    return answer(bytes, head);
  },
};
/** What undisturbed others call. */
const other: GrpcMethod = {
  admit: () => new CountedBodies().admit(0),
  handle: (_head, body) => Buffer.from(body.bytes),
};

async function serve(given: Given = {}, clock: Clock = systemClock): Promise<GrpcServer> {
  const config = decoded(schema, { endpoint: '127.0.0.1:0', ...given });
  const methods = new Map([
    [PATH, method],
    ['/test.Echo/Other', other],
  ]);
  const server = new GrpcServer({ config, clock, logger, methods, random: () => 0.5 });
  const address = await server.start();
  servers.push(server);
  if (clock instanceof ManualClock) manual.push(clock);
  port = address.kind === 'tcp' ? address.port : 0;
  return server;
}

interface Calling {
  readonly path?: string;
  readonly metadata?: Record<string, string>;
  readonly options?: CallOptions;
  readonly client?: Client;
}

function client(options: Record<string, number> = {}): Client {
  const made = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    ...options,
  });
  clients.push(() => made.close());
  return made;
}

/** A call by grpc-js; rejects with its ServiceError. */
function call(bytes: Uint8Array, calling: Calling = {}): Promise<Buffer> {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(calling.metadata ?? {})) metadata.set(name, value);
  return new Promise((resolve, reject) => {
    (calling.client ?? client()).makeUnaryRequest(
      calling.path ?? PATH,
      (value: Uint8Array) => Buffer.from(value),
      (value: Buffer) => value,
      bytes,
      metadata,
      calling.options ?? {},
      (error: ServiceError | null, value?: Buffer) => (error === null ? resolve(value as Buffer) : reject(error)),
    );
  });
}

async function failure(calling: Promise<unknown>): Promise<ServiceError> {
  return calling.then(
    () => assert.fail('the call was answered'),
    (error: unknown) => error as ServiceError,
  );
}

async function othersAreServed(): Promise<boolean> {
  const reply = await call(Buffer.from('other'), { path: '/test.Echo/Other' });
  return reply.toString() === 'other';
}

function session(): ClientHttp2Session {
  const made = connectHttp2(`http://127.0.0.1:${port}`);
  made.on('error', () => undefined);
  clients.push(() => made.destroy());
  return made;
}

interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A call frame by frame, with whatever headers and bytes. */
function rawCall(headers: OutgoingHttpHeaders, chunks: readonly Uint8Array[]): Promise<RawAnswer> {
  const stream = session().request({
    ':method': 'POST',
    ':path': PATH,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  return new Promise((resolve, reject) => {
    let head: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    const body: Buffer[] = [];
    stream.on('response', (got) => (head = got));
    stream.on('trailers', (got) => (trailers = got));
    stream.on('data', (chunk: Buffer) => body.push(chunk));
    stream.on('close', () => resolve({ headers: head, trailers, body: Buffer.concat(body) }));
    stream.on('error', reject);
    for (const chunk of chunks) stream.write(chunk);
    stream.end();
  });
}

/** The next event of that name, whatever errors come before it. */
function once(emitter: EventEmitter, name: string): Promise<unknown[]> {
  return new Promise((resolve) => emitter.once(name, (...values: unknown[]) => resolve(values)));
}

function frame(text: string, flags = 0): Buffer {
  const prefix = Buffer.from([flags, 0, 0, 0, 0]);
  prefix.writeUInt32BE(text.length, 1);
  return Buffer.concat([prefix, Buffer.from(text)]);
}

beforeEach(() => {
  bodies = new CountedBodies();
  logger = new MemoryLogger();
  servers = [];
  manual = [];
  clients = [];
  answer = (bytes) => bytes;
});

afterEach(async () => {
  for (const close of clients) close();
  const stopped = servers.map((server) => server.shutdown(0));
  for (const clock of manual) clock.advance(0);
  await Promise.all(stopped);
  assert.equal(bodies.open, 0, 'a body was left behind');
});

describe('calls by grpc-js', () => {
  it.each([0, 1, 100_000, 4 * 1024 * 1024])(
    'a message of %d bytes is admitted by its length and answered',
    async (length) => {
      await serve();
      const message = Buffer.alloc(length, 3);
      expect((await call(message)).equals(message)).toBe(true);
      expect(bodies.expected).toEqual([length]);
    },
  );

  it('many calls share one connection', async () => {
    await serve();
    const shared = client();
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, index) => call(Buffer.from(`${index}`), { client: shared })),
    );
    expect(replies.map(String)).toEqual(Array.from({ length: 200 }, (_, index) => `${index}`));
  });

  it('a gzip message stays compressed and is named so', async () => {
    await serve();
    let encoding = '';
    answer = (bytes, head) => {
      encoding = head.encoding;
      return gunzipSync(bytes);
    };
    const gzip = client({ 'grpc.default_compression_algorithm': compressionAlgorithms.gzip });
    expect((await call(Buffer.alloc(5000, 1), { client: gzip })).length).toBe(5000);
    expect(encoding).toBe('gzip');
  });

  it('address and metadata are passed on; metadata only where it is wanted', async () => {
    const heads: GrpcCallHead[] = [];
    answer = (_bytes, head) => {
      heads.push(head);
      return Buffer.from(JSON.stringify([head.address, head.metadata?.['x-tenant'], head.metadata?.['grpc-timeout']]));
    };
    await serve({ include_metadata: true });
    const metadata = { 'x-tenant': 'blue' };
    const options = { deadline: Date.now() + 60_000 };
    expect(JSON.parse((await call(Buffer.of(1), { metadata, options })).toString())).toEqual([
      '127.0.0.1',
      ['blue'],
      null,
    ]);
    expect(heads[0]?.deadlineMs).toBeGreaterThan(systemClock.monotonic());
    await serve();
    expect(JSON.parse((await call(Buffer.of(1), { metadata })).toString())).toEqual(['127.0.0.1', null, null]);
    expect(heads[1]?.deadlineMs).toBeUndefined();
  });

  it('the deadline is kept while the method works, and its late answer is dropped', async () => {
    await serve();
    const leave = Promise.withResolvers<Uint8Array>();
    const calling = rawCall({ 'grpc-timeout': '20m' }, [frame('x')]);
    answer = () => leave.promise;
    const { headers } = await calling;
    expect(headers).toMatchObject({ ':status': 200, 'grpc-status': '4' });
    leave.resolve(Buffer.of(1));
    expect(await othersAreServed()).toBe(true);
  });

  it('a call that grpc-js cancels leaves no body behind', async () => {
    await serve();
    const stream = session().request({ ':method': 'POST', ':path': PATH, 'content-type': 'application/grpc' });
    stream.on('error', () => undefined);
    stream.write(frame('x'.repeat(50)).subarray(0, 20));
    await bodies.until(() => bodies.open === 1);
    stream.close(constants.NGHTTP2_CANCEL);
    await bodies.until(() => bodies.open === 0);
    expect(await othersAreServed()).toBe(true);
  });

  it('a client that vanishes within its message leaves no body behind', async () => {
    await serve();
    const vanishing = session();
    vanishing
      .request({ ':method': 'POST', ':path': PATH, 'content-type': 'application/grpc' })
      .on('error', () => undefined)
      .write(frame('x'.repeat(50)).subarray(0, 20));
    await bodies.until(() => bodies.open === 1);
    vanishing.destroy();
    await bodies.until(() => bodies.open === 0);
    expect(await othersAreServed()).toBe(true);
  });
});

describe('errors', () => {
  it.each([
    ['retryable with a delay', retryable('queue full', { retryAfterMs: 1500 }), Status.UNAVAILABLE, 1500],
    ['retryable', retryable('not now'), Status.UNAVAILABLE, undefined],
    ['retryable for lack of room', retryable('too much', { code: 'RESOURCE_EXHAUSTED' }), Status.RESOURCE_EXHAUSTED, 0],
    ['permanent', permanent('100 % naïve\n'), Status.INVALID_ARGUMENT, undefined],
    ['a status', new GrpcError('NOT_FOUND', 'gone'), Status.NOT_FOUND, undefined],
    ['unexpected', new Error('secret'), Status.INTERNAL, undefined],
  ])('%s errors of admit and of the method become the status', async (_name, error, code, delayMs) => {
    await serve();
    const shared = client();
    bodies.refusal = error;
    const refused = await failure(call(Buffer.alloc(2_000_000), { client: shared }));
    bodies.refusal = undefined;
    answer = () => Promise.reject(error);
    const rejected = await failure(call(Buffer.of(1), { client: shared }));
    answer = () => {
      throw error;
    };
    const thrown = await failure(call(Buffer.of(1), { client: shared }));
    for (const got of [refused, rejected, thrown]) {
      const details = got.metadata.get('grpc-status-details-bin')[0] as Buffer | undefined;
      expect(got.code).toBe(code);
      expect(got.details).toBe(code === Status.INTERNAL ? 'internal error' : error.message);
      expect(details === undefined ? undefined : retryDelayMs(decodeRpcStatus(details))).toBe(delayMs);
    }
    answer = (bytes) => bytes;
    expect((await call(Buffer.of(7), { client: shared }))[0]).toBe(7);
  });

  it('a body that outgrows the budget while it is read is refused and given back', async () => {
    await serve();
    bodies.limitBytes = 100_000;
    const got = await failure(call(Buffer.alloc(2_000_000)));
    expect(got.code).toBe(Status.UNAVAILABLE);
    expect(bodies.open).toBe(0);
    expect(await othersAreServed()).toBe(true);
  });

  it('a message above the limit is refused before room is asked for', async () => {
    await serve({ max_recv_msg_size_mib: 1 });
    const got = await failure(call(Buffer.alloc(1024 * 1024 + 1)));
    expect([got.code, bodies.admitted]).toEqual([Status.RESOURCE_EXHAUSTED, 0]);
    expect(got.details).toContain('max_recv_msg_size_mib');
    expect(await othersAreServed()).toBe(true);
  });

  it.each([
    ['/test.Echo/Nothing', 'unknown method Nothing for service test.Echo'],
    ['/test.Nobody/Echo', 'unknown service test.Nobody'],
  ])('%s is not implemented', async (path, text) => {
    await serve();
    const got = await failure(call(Buffer.alloc(100_000), { path }));
    expect([got.code, got.details]).toEqual([Status.UNIMPLEMENTED, text]);
    expect(await othersAreServed()).toBe(true);
  });
});

describe('the protocol', () => {
  it('a message split anywhere over DATA frames arrives whole', async () => {
    await serve();
    const bytes = frame('hello');
    const { body, trailers } = await rawCall(
      {},
      Array.from(bytes, (byte) => Buffer.of(byte)),
    );
    expect(body.equals(bytes)).toBe(true);
    expect(trailers['grpc-status']).toBe('0');
  });

  it.each([
    ['no message', {}, [], '13'],
    ['half a prefix', {}, [Buffer.of(0, 0)], '13'],
    ['half a message', {}, [frame('hello').subarray(0, 8)], '13'],
    ['two messages', {}, [frame('a'), frame('b')], '13'],
    ['two messages in one frame', {}, [Buffer.concat([frame('a'), frame('b')])], '13'],
    ['unknown flags', {}, [frame('a', 2)], '13'],
    ['a compressed message without an encoding', {}, [frame('a', 1)], '13'],
    ['an unknown encoding', { 'grpc-encoding': 'br' }, [frame('a', 1)], '12'],
    ['a bad timeout', { 'grpc-timeout': '5 minutes' }, [frame('a')], '13'],
    ['a timeout of zero', { 'grpc-timeout': '0n' }, [frame('a')], '4'],
    ['an uncompressed message of a known encoding', { 'grpc-encoding': 'zstd' }, [frame('a')], '0'],
  ] as const)('a call with %s gets its status', async (_name, headers, chunks, status) => {
    await serve();
    const got = await rawCall(headers, chunks);
    expect(got.headers[':status']).toBe(200);
    expect(got.headers['grpc-status'] ?? got.trailers['grpc-status']).toBe(status);
    expect(got.headers['grpc-accept-encoding']).toBe(status === '12' ? 'identity,gzip,deflate,zstd,snappy' : undefined);
    expect(bodies.open).toBe(0);
    expect(await othersAreServed()).toBe(true);
  });

  it.each([
    [{ ':method': 'GET' }, 405],
    [{ 'content-type': 'application/json' }, 415],
    [{ 'content-type': 'application/grpcx' }, 415],
  ])('a request with %j is no call', async (headers, status) => {
    await serve();
    const { headers: got } = await rawCall(headers, []);
    expect(got[':status']).toBe(status);
    expect(await othersAreServed()).toBe(true);
  });

  it.each([
    ['HTTP/1', 'POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx'],
    ['a TLS hello', Buffer.from('16030100a5010000a1030300', 'hex')],
    ['random bytes', Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 251))],
    [
      'a preface and garbage',
      Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.alloc(200, 0xff)]),
    ],
  ])('%s on the port ends that connection and no other', async (_name, bytes) => {
    await serve();
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(bytes);
    await once(socket, 'close');
    expect(await othersAreServed()).toBe(true);
  });

  it('a client that opens and cancels calls without end is disconnected, the others are not', async () => {
    await serve();
    const attacker = session();
    const closed = once(attacker, 'close');
    for (let round = 0; !attacker.destroyed && round < 20_000; round += 1) {
      const stream = attacker.request({ ':method': 'POST', ':path': PATH, 'content-type': 'application/grpc' });
      stream.on('error', () => undefined);
      stream.close(constants.NGHTTP2_CANCEL);
      if (round % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await closed;
    expect(await othersAreServed()).toBe(true);
  });
});

describe('connections', () => {
  const pings = async (made: ClientHttp2Session, count: number): Promise<void> => {
    const closed = once(made, 'close');
    for (let sent = 0; sent < count && !made.destroyed; sent += 1) {
      const answered = new Promise<void>((resolve) => made.ping(() => resolve()));
      await Promise.race([answered, closed]);
    }
  };

  it('a client that pings too often is told to calm down', async () => {
    await serve();
    const made = session();
    const goaway = once(made, 'goaway');
    await once(made, 'connect');
    await pings(made, 6);
    const [code, , data] = (await goaway) as [number, number, Buffer];
    expect([code, data.toString()]).toEqual([constants.NGHTTP2_ENHANCE_YOUR_CALM, 'too_many_pings']);
    expect(await othersAreServed()).toBe(true);
  });

  it('a client may ping as often as the policy permits', async () => {
    await serve({ keepalive: { enforcement_policy: { min_time: 0, permit_without_stream: true } } });
    const made = session();
    await once(made, 'connect');
    await pings(made, 20);
    expect(made.destroyed).toBe(false);
  });

  it('an old connection is told to go, its call ends, and grpc-js goes on with a new one', async () => {
    const clock = new ManualClock();
    await serve({ keepalive: { server_parameters: { max_connection_age: 60_000 } } }, clock);
    const shared = client();
    const entered = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    answer = async (bytes) => {
      entered.resolve();
      await leave.promise;
      return bytes;
    };
    const pending = call(Buffer.from('old'), { client: shared });
    await entered.promise;
    clock.advance(60_000);
    leave.resolve();
    expect((await pending).toString()).toBe('old');
    expect((await call(Buffer.from('new'), { client: shared })).toString()).toBe('new');
  });

  it('an old connection is cut after its grace', async () => {
    const clock = new ManualClock();
    const parameters = { max_connection_age: 60_000, max_connection_age_grace: 5000 };
    await serve({ keepalive: { server_parameters: parameters } }, clock);
    const entered = Promise.withResolvers<void>();
    answer = () => {
      entered.resolve();
      return new Promise(() => undefined);
    };
    const failing = failure(call(Buffer.of(1)));
    await entered.promise;
    clock.advance(60_000);
    clock.advance(5000);
    expect((await failing).code).toBe(Status.UNAVAILABLE);
  });

  it('an idle connection is told to go', async () => {
    const clock = new ManualClock();
    await serve({ keepalive: { server_parameters: { max_connection_idle: 1000 } } }, clock);
    const made = session();
    await once(made, 'remoteSettings');
    const closed = once(made, 'close');
    clock.advance(1000);
    await closed;
    expect(made.destroyed).toBe(true);
  });

  it('a client that does not answer pings is dropped', async () => {
    const clock = new ManualClock();
    await serve({ keepalive: { server_parameters: { time: 1000, timeout: 500 } } }, clock);
    const socket = connect(port, '127.0.0.1');
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0');
    await once(socket, 'data');
    const closed = once(socket, 'close');
    // The first look sees that something was read since the connection began.
    clock.advance(1000);
    clock.advance(1000);
    clock.advance(500);
    await closed;
    expect(socket.destroyed).toBe(true);
  });

  it('a client that never begins to speak is dropped', async () => {
    const clock = new ManualClock();
    await serve({}, clock);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'data');
    const closed = once(socket, 'close');
    clock.advance(120_000);
    await closed;
    expect(socket.destroyed).toBe(true);
  });

  it('shutdown answers what is under way, sends clients away, and may come twice', async () => {
    const server = await serve();
    const entered = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    answer = async (bytes) => {
      entered.resolve();
      await leave.promise;
      return bytes;
    };
    const pending = call(Buffer.from('last'));
    await entered.promise;
    const stopped = Promise.all([server.shutdown(60_000), server.shutdown(60_000)]);
    leave.resolve();
    expect((await pending).toString()).toBe('last');
    await stopped;
    expect((await failure(call(Buffer.of(1)))).code).toBe(Status.UNAVAILABLE);
  });

  it('shutdown cuts what is not done within the grace', async () => {
    const server = await serve();
    const entered = Promise.withResolvers<void>();
    answer = () => {
      entered.resolve();
      return new Promise(() => undefined);
    };
    const failing = failure(call(Buffer.of(1)));
    await entered.promise;
    await server.shutdown(10);
    expect((await failing).code).toBe(Status.UNAVAILABLE);
  });

  it('a port in use is an error that says what to do', async () => {
    await serve();
    await expect(serve({ endpoint: `127.0.0.1:${port}` })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
