import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { permanent, retryable } from '@millrace/api';
import type { Clock, Static } from '@millrace/api';
import type { HttpResponse, HttpRoute } from './http-message.ts';
import { httpServerSchema } from './http-server-config.ts';
import { HttpServer } from './http-server.ts';
import { ManualClock, systemClock } from './testing/clocks.ts';
import { CountedBodies } from './testing/counted-bodies.ts';
import { decoded } from './testing/decoded-config.ts';
import { MemoryLogger } from './testing/memory-logger.ts';

const run = promisify(execFile);
const schema = httpServerSchema({ endpoint: 'localhost:0' });
type Given = Partial<Static<typeof schema>>;

let bodies: CountedBodies;
let logger: MemoryLogger;
let servers: HttpServer[];
let port: number;
/** What the route answers; replaced by tests. */
let answer: (bytes: Uint8Array) => HttpResponse | Promise<HttpResponse>;

const echo: HttpRoute = {
  methods: ['POST'],
  admit: (_head, expected) => bodies.admit(expected),
  handle(head, body) {
    const bytes = Buffer.from(body?.bytes ?? []);
    body?.release();
    if (head.headers['x-answer'] === 'length') return { status: 200, body: String(bytes.length) };
    return answer(bytes);
  },
};

const seen: HttpRoute = {
  handle: (head) => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: head.query,
      address: head.address,
      metadata: head.metadata,
      encoding: head.encoding,
    }),
  }),
};

async function serve(given: Given = {}, clock: Clock = systemClock): Promise<HttpServer> {
  const server = new HttpServer({
    config: decoded(schema, { endpoint: '127.0.0.1:0', ...given }),
    clock,
    logger,
    routes: new Map([
      ['/v1/logs', echo],
      ['/seen', seen],
    ]),
  });
  const address = await server.start();
  servers.push(server);
  port = address.kind === 'tcp' ? address.port : 0;
  return server;
}

beforeEach(() => {
  bodies = new CountedBodies();
  logger = new MemoryLogger();
  servers = [];
  answer = (bytes) => ({ status: 200, body: bytes });
});

afterEach(async () => {
  for (const server of servers) await server.shutdown(0);
  assert.equal(bodies.open, 0, 'a body was left behind');
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Sending {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string | number>;
  readonly body?: Uint8Array | string;
  readonly agent?: Agent;
}

function send({ path = '/v1/logs', method = 'POST', headers = {}, body = '', agent }: Sending): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, headers, ...(agent === undefined ? {} : { agent }) };
    const request = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** A raw connection: whatever it sends, the server must go on serving everybody else. */
async function raw(text: string | Uint8Array): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

async function othersAreServed(): Promise<boolean> {
  const { status, body } = await send({ body: 'still here', headers: { 'x-answer': 'length' } });
  return status === 200 && body.toString() === '10';
}

describe('requests', () => {
  it('a body arrives whole, admitted by its announced length, and the answer comes back', async () => {
    await serve();
    const body = Buffer.alloc(300_000, 7);
    const got = await send({ body, headers: { 'content-length': body.length } });
    expect(got.status).toBe(200);
    expect(got.body.equals(body)).toBe(true);
    expect(bodies.expected).toEqual([300_000]);
  });

  it('chunks are given back once they are copied, so that they do not pile up as garbage', async () => {
    await serve();
    const body = randomBytes(300_000);
    expect((await send({ body })).body.equals(body)).toBe(true);
    expect(bodies.appended.reduce((sum, { length }) => sum + length, 0)).toBe(body.length);
    const large = bodies.appended.filter(({ length }) => length > 8 * 1024);
    expect(large.length).toBeGreaterThan(2);
    for (const { buffer } of large) expect(buffer.byteLength).toBe(0);
  });

  it('a chunked body arrives whole, admitted without a length', async () => {
    await serve();
    const got = await send({ body: 'abc', headers: { 'transfer-encoding': 'chunked' } });
    expect(got.body.toString()).toBe('abc');
    expect(bodies.expected).toEqual([undefined]);
  });

  it('one connection serves many requests', async () => {
    await serve();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let round = 0; round < 50; round += 1) {
      expect((await send({ body: `${round}`, agent })).body.toString()).toBe(`${round}`);
    }
    expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
    agent.destroy();
  });

  it('query, encoding, address and metadata are passed on; metadata only where it is wanted', async () => {
    await serve({ include_metadata: true });
    const options = { path: '/seen?a=1', headers: { 'x-tenant': 'blue', 'content-encoding': 'GZIP' } };
    const told = JSON.parse((await send(options)).body.toString()) as Record<string, unknown>;
    expect(told).toMatchObject({
      query: 'a=1',
      address: '127.0.0.1',
      encoding: 'gzip',
      metadata: { 'x-tenant': ['blue'] },
    });
    await serve();
    expect(JSON.parse((await send(options)).body.toString())).not.toHaveProperty('metadata');
  });

  it('curl sends through it, also with Expect: 100-continue', async () => {
    await serve();
    const url = `http://127.0.0.1:${port}/v1/logs`;
    const { stdout } = await run('curl', [
      '-s',
      '-H',
      'Expect: 100-continue',
      '-H',
      'x-answer: length',
      '-d',
      'x'.repeat(70_000),
      url,
    ]);
    expect(stdout).toBe('70000');
  });

  it('a client that asks for 100-continue and is refused hears it before it sends the body', async () => {
    await serve();
    bodies.refusal = retryable('queue full', { retryAfterMs: 100 });
    const socket = await raw(
      'POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\nexpect: 100-continue\r\n\r\n',
    );
    const text = await readAll(socket);
    expect(text).toMatch(/^HTTP\/1\.1 503 /);
    expect(text).not.toContain('100 Continue');
    bodies.refusal = undefined;
    expect(await othersAreServed()).toBe(true);
  });

  it('response headers and Connection: close are added as configured', async () => {
    await serve({ response_headers: { 'X-Served-By': 'millrace' }, keep_alives_enabled: false });
    const got = await send({ body: 'x' });
    expect(got.headers).toMatchObject({ 'x-served-by': 'millrace', connection: 'close' });
  });
});

describe('keepalive', () => {
  it.each([
    [{ enabled: false, idle_timeout: 5_000 }, 'close'],
    [{ enabled: true, idle_timeout: 5_000 }, 'keep-alive'],
  ])('%j: the connection is %s', async (keepalive, connection) => {
    await serve({ keepalive });
    const got = await send({ body: 'x' });
    expect(got.headers).toMatchObject({ connection });
  });
});

describe('refusals', () => {
  it.each([
    ['an unknown path', { path: '/v2/logs' }, 404],
    ['a wrong method', { method: 'GET' }, 405],
    ['HEAD where only POST is served', { method: 'HEAD' }, 405],
    ['OPTIONS without CORS', { method: 'OPTIONS' }, 405],
    ['an unknown content encoding', { headers: { 'content-encoding': 'br' } }, 400],
    ['several content encodings', { headers: { 'content-encoding': 'gzip, gzip' } }, 400],
    ['an announced body above the limit', { body: Buffer.alloc(5000), headers: { 'content-length': 5000 } }, 413],
    ['a chunked body above the limit', { body: Buffer.alloc(5000), headers: { 'transfer-encoding': 'chunked' } }, 413],
  ] as const)('%s is answered with its status', async (_name, options, status) => {
    await serve({ max_request_body_size: 4096 });
    const got = await send(options);
    expect(got.status).toBe(status);
    expect(got.headers.allow).toBe(status === 405 ? 'POST' : undefined);
    expect(bodies.open).toBe(0);
    expect(await othersAreServed()).toBe(true);
  });

  it('an announced body above the limit is refused without asking for room', async () => {
    await serve({ max_request_body_size: 10 });
    await send({ body: 'x'.repeat(11), headers: { 'content-length': 11 } });
    expect(bodies.admitted).toBe(0);
  });

  it('a sender far above the limit sees 413 instead of a broken connection', async () => {
    await serve({ max_request_body_size: 200_000 });
    const url = `http://127.0.0.1:${port}/v1/logs`;
    const args = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', 'Expect:', '--data-binary', '@-', url];
    const child = run('curl', args);
    child.child.stdin?.on('error', () => undefined);
    child.child.stdin?.end(Buffer.alloc(3_000_000));
    expect((await child).stdout).toBe('413');
    expect(await othersAreServed()).toBe(true);
  });

  it.each([
    ['retryable with a delay', retryable('queue full', { retryAfterMs: 1500 }), 503, '2'],
    ['retryable', retryable('not now'), 503, undefined],
    ['retryable for lack of room', retryable('too much', { code: 'RESOURCE_EXHAUSTED', retryAfterMs: 10 }), 429, '1'],
    ['permanent', permanent('never'), 400, undefined],
    ['too large', permanent('never', { code: 'TOO_LARGE' }), 413, undefined],
    ['unexpected', new Error('secret'), 500, undefined],
  ])(
    '%s errors of admit and handle become the status, and the connection goes on',
    async (_name, error, status, after) => {
      await serve();
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      bodies.refusal = error;
      const refused = await send({ body: 'x'.repeat(100_000), agent });
      bodies.refusal = undefined;
      answer = () => Promise.reject(error);
      const rejected = await send({ body: 'x', agent });
      answer = () => {
        throw error;
      };
      const thrown = await send({ body: 'x', agent });
      for (const got of [refused, rejected, thrown]) {
        expect([got.status, got.headers['retry-after']]).toEqual([status, after]);
        expect(got.body.toString()).not.toContain('secret');
      }
      answer = () => ({ status: 204 });
      expect((await send({ body: 'x', agent })).status).toBe(204);
      expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
      agent.destroy();
    },
  );

  it('a body that outgrows the budget while it is read is refused and given back', async () => {
    await serve();
    bodies.limitBytes = 100_000;
    const got = await send({ body: Buffer.alloc(500_000) });
    expect([got.status, got.headers['retry-after']]).toEqual([503, '2']);
    expect(bodies.open).toBe(0);
    expect(await othersAreServed()).toBe(true);
  });
});

describe('bad clients', () => {
  it('one that vanishes halfway leaves no body behind', async () => {
    await serve();
    const socket = await raw('POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf');
    await bodies.until(() => bodies.open === 1);
    socket.destroy();
    await bodies.until(() => bodies.open === 0);
    expect(await othersAreServed()).toBe(true);
  });

  it('one that half-closes within its body leaves none behind', async () => {
    await serve();
    const socket = await raw('POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf');
    await bodies.until(() => bodies.open === 1);
    socket.end();
    await bodies.until(() => bodies.open === 0);
    expect(await othersAreServed()).toBe(true);
  });

  it('one that vanishes while its request is handled disturbs nobody', async () => {
    await serve();
    const entered = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    answer = async () => {
      entered.resolve();
      await leave.promise;
      return { status: 200 };
    };
    const socket = await raw('POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx');
    await entered.promise;
    socket.destroy();
    leave.resolve();
    expect(await othersAreServed()).toBe(true);
  });

  it.each([
    ['headers', 'POST /v1/logs HTTP/1.1\r\nhost'],
    ['a body', 'POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf'],
  ])('one that is slow with %s is cut with 408', async (_name, text) => {
    await serve({ read_timeout: 150, read_header_timeout: 100 });
    expect(await readAll(await raw(text))).toMatch(/^HTTP\/1\.1 408 /);
    expect(bodies.open).toBe(0);
    expect(await othersAreServed()).toBe(true);
  });

  it.each([
    ['garbage', Buffer.from([0, 1, 2, 0xff, 0x16, 3, 1, 10, 13])],
    ['a TLS hello', Buffer.from('16030100a5010000a1030300', 'hex')],
    ['a bad length', 'POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: minus\r\n\r\n'],
    ['two lengths', 'POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    [
      'length and chunks',
      'POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a bad chunk size', 'POST /v1/logs HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ])('%s is answered with 400 and disturbs nobody', async (_name, text) => {
    await serve();
    expect(await readAll(await raw(text))).toMatch(/^HTTP\/1\.1 400 /);
    expect(await othersAreServed()).toBe(true);
  });

  it('headers without end are answered with 431', async () => {
    await serve();
    const socket = await raw(`POST /v1/logs HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await othersAreServed()).toBe(true);
  });

  it('one that goes on sending after it was refused is cut', async () => {
    await serve({ max_request_body_size: 4096 });
    const socket = await raw('POST /v1/logs HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
    const closed = once(socket, 'close');
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000), Buffer.from('\r\n')]);
    socket.resume();
    const more = (): void => {
      if (!socket.destroyed) socket.write(chunk, () => setImmediate(more));
    };
    more();
    await closed;
    expect(await othersAreServed()).toBe(true);
  });

  it('one that does not take its answer is cut', async () => {
    const clock = new ManualClock();
    await serve({ write_timeout: 50 }, clock);
    const answered = Promise.withResolvers<void>();
    answer = () => {
      setImmediate(answered.resolve);
      return { status: 200, body: Buffer.alloc(50_000_000) };
    };
    const socket = await raw('POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx');
    socket.pause();
    await answered.promise;
    clock.advance(50);
    // What had left before the cut can still be read; the rest never comes.
    socket.resume();
    expect((await readAll(socket)).length).toBeLessThan(50_000_000);
    expect(await othersAreServed()).toBe(true);
  });

  it('one that stays idle after its answer is let go', async () => {
    await serve({ idle_timeout: 10 });
    const socket = await raw('POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx');
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await othersAreServed()).toBe(true);
  });

  it('a thousand idle connections disturb nobody and end at shutdown', async () => {
    const server = await serve();
    const idle = await Promise.all(Array.from({ length: 1000 }, () => raw('')));
    expect(await othersAreServed()).toBe(true);
    const closed = Promise.all(idle.map((socket) => readAll(socket)));
    await server.shutdown(60_000);
    await closed;
  });
});

describe('CORS', () => {
  const cors = {
    allowed_origins: ['https://*.example.com', 'https://one.test'],
    allowed_headers: ['X-Trace'],
    exposed_headers: ['X-Id'],
    max_age: 7200,
  };
  const preflight = (origin: string, headers = 'content-type,x-trace') => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': headers },
  });

  it('a preflight of an allowed origin is granted', async () => {
    await serve({ cors });
    const got = await send(preflight('https://a.example.com'));
    expect(got.status).toBe(204);
    expect(got.headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example.com',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type,x-trace',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '7200',
    });
  });

  it.each([
    ['another origin', preflight('https://example.com.evil.test')],
    ['a header that is not allowed', preflight('https://one.test', 'x-secret')],
  ])('a preflight of %s is answered without a grant', async (_name, options) => {
    await serve({ cors });
    const got = await send(options);
    expect(got.status).toBe(204);
    expect(got.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('actual requests carry the grant, refused ones too, so that scripts can read the error', async () => {
    await serve({ cors });
    const good = await send({ headers: { origin: 'https://one.test' }, body: 'x' });
    const bad = await send({ headers: { origin: 'https://one.test', 'content-encoding': 'br' }, body: 'x' });
    expect([good.status, bad.status]).toEqual([200, 400]);
    for (const { headers } of [good, bad]) {
      expect(headers).toMatchObject({
        'access-control-allow-origin': 'https://one.test',
        'access-control-expose-headers': 'X-Id',
        vary: 'Origin',
      });
    }
    const other = await send({ headers: { origin: 'https://evil.test' }, body: 'x' });
    expect(other.status).toBe(200);
    expect(other.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('lifecycle', () => {
  it('shutdown answers what is under way, then closes, and may come twice', async () => {
    const server = await serve();
    const entered = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    answer = async () => {
      entered.resolve();
      await leave.promise;
      return { status: 200, body: 'done' };
    };
    const agent = new Agent({ keepAlive: true });
    const pending = send({ body: 'x', agent });
    await entered.promise;
    const stopped = Promise.all([server.shutdown(60_000), server.shutdown(60_000)]);
    leave.resolve();
    const got = await pending;
    expect([got.status, got.body.toString(), got.headers.connection]).toEqual([200, 'done', 'close']);
    await stopped;
    await expect(send({ body: 'x' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    agent.destroy();
  });

  it('shutdown cuts what is not done within the grace', async () => {
    const server = await serve();
    const entered = Promise.withResolvers<void>();
    answer = () => {
      entered.resolve();
      return new Promise(() => undefined);
    };
    const failure = send({ body: 'x' }).catch((error: unknown) => error);
    await entered.promise;
    await server.shutdown(10);
    expect(await failure).toMatchObject({ code: 'ECONNRESET' });
  });

  it('shutdown without start does nothing', async () => {
    const config = decoded(schema, {});
    const server = new HttpServer({ config, clock: systemClock, logger, routes: new Map() });
    await expect(server.shutdown(0)).resolves.toBeUndefined();
  });

  it('a port in use is an error that says what to do', async () => {
    await serve();
    await expect(serve({ endpoint: `127.0.0.1:${port}` })).rejects.toMatchObject({
      name: 'ComponentError',
      code: 'EADDRINUSE',
      message: `cannot listen on 127.0.0.1:${port}: the port is in use`,
      remedy: expect.stringContaining('change the endpoint') as string,
    });
  });
});
