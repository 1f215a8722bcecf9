import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTcpServer, connect } from 'node:net';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeliveryError, Static } from '@millrace/api';
import { httpClientSchema } from './http-client-config.ts';
import { HttpClient } from './http-client.ts';
import { encodeRpcStatus } from './rpc-status.ts';
import { retryAfterMs } from './retry-after.ts';
import { ManualClock, systemClock } from './testing/clocks.ts';
import { decoded } from './testing/decoded-config.ts';
import { MemoryLogger } from './testing/memory-logger.ts';

const schema = httpClientSchema();
type Given = Partial<Static<typeof schema>>;

let cleanUps: (() => void)[];
let url: string;
let connections: number;

beforeEach(() => {
  cleanUps = [];
  connections = 0;
});

afterEach(() => {
  for (const cleanUp of cleanUps) cleanUp();
});

async function listen<S extends Server | TcpServer>(server: S): Promise<S> {
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  return server;
}

function portOf(server: Server | TcpServer): number {
  return (server.address() as AddressInfo).port;
}

type Handler = (request: IncomingMessage, body: Buffer, response: ServerResponse) => void;

async function serve(handler: Handler): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handler(request, Buffer.concat(chunks), response));
  });
  await listen(server);
  url = `http://127.0.0.1:${portOf(server)}/v1/logs`;
  return server;
}

async function client(given: Given = {}, clock = systemClock): Promise<HttpClient> {
  const made = new HttpClient({
    config: decoded(schema, given),
    clock,
    logger: new MemoryLogger(),
    userAgent: 'millrace/1',
  });
  await made.start();
  cleanUps.push(() => made.shutdown());
  return made;
}

async function failure(sending: Promise<unknown>): Promise<DeliveryError> {
  const error = await sending.then(
    () => undefined,
    (rejected: unknown) => rejected,
  );
  expect(error).toBeInstanceOf(Error);
  return error as DeliveryError;
}

describe('replies', () => {
  it('a body is sent with its headers, and the reply comes back', async () => {
    await serve((request, body, response) => {
      const { 'user-agent': agent, 'x-key': key, 'content-type': type } = request.headers;
      response.end(JSON.stringify([request.method, agent, key, type, body.length]));
    });
    const sender = await client({ headers: { 'X-Key': 'secret' } });
    const reply = await sender.post(url, {
      body: Buffer.alloc(95_000),
      headers: { 'content-type': 'x/y', 'x-key': 'mine' },
    });
    expect(reply.status).toBe(200);
    expect(JSON.parse(Buffer.from(reply.body).toString())).toEqual(['POST', 'millrace/1', 'secret', 'x/y', 95_000]);
  });

  it('connections are kept and used again', async () => {
    await serve((_request, _body, response) => response.end());
    const sender = await client();
    for (let round = 0; round < 20; round += 1) await sender.post(url, { body: Buffer.of(1) });
    expect(connections).toBe(1);
  });

  it('no more connections are opened than allowed', async () => {
    await serve((_request, _body, response) => response.end());
    const sender = await client({ max_conns_per_host: 2 });
    await Promise.all(Array.from({ length: 20 }, () => sender.post(url, { body: Buffer.of(1) })));
    expect(connections).toBe(2);
  });

  it.each([
    [429, true],
    [502, true],
    [503, true],
    [504, true],
    [400, false],
    [401, false],
    [413, false],
    [500, false],
  ])('status %d is retryable: %s', async (status, isRetryable) => {
    await serve((_request, _body, response) => response.writeHead(status, { 'retry-after': '7' }).end());
    const error = await failure((await client()).post(url, { body: Buffer.of(1) }));
    expect([error.code, error.retryable, error.retryAfterMs]).toEqual([
      `HTTP_${status}`,
      isRetryable,
      isRetryable ? 7000 : undefined,
    ]);
  });

  it.each([
    ['application/x-protobuf', encodeRpcStatus({ code: 3, message: 'bad span', details: [] })],
    ['application/json', Buffer.from('{"code":3,"message":"bad span"}')],
    ['text/plain', Buffer.from('bad span\n')],
  ])('the text of an error in %s is shown', async (type, body) => {
    await serve((_request, _body, response) => response.writeHead(400, { 'content-type': type }).end(body));
    const error = await failure((await client()).post(url, { body: Buffer.of(1) }));
    expect(error.message).toBe(`${url} answered 400 Bad Request: bad span`);
  });

  it('a redirection is an error that says what to change', async () => {
    await serve((_request, _body, response) => response.writeHead(308, { location: 'https://other/' }).end());
    const error = await failure((await client()).post(url, { body: Buffer.of(1) }));
    expect(error.message).toContain('it has moved to https://other/; change the endpoint');
  });

  it('only the beginning of an endless reply is read', async () => {
    await serve((_request, _body, response) => {
      const more = (): void =>
        void (response.write(Buffer.alloc(50_000)) ? setImmediate(more) : response.once('drain', more));
      response.on('error', () => undefined);
      more();
    });
    const reply = await (await client()).post(url, { body: Buffer.of(1) });
    expect(reply.body.length).toBe(64 * 1024);
  });

  it('cookies come back to the server that set them, where wanted', async () => {
    const seen: (string | undefined)[] = [];
    await serve((request, _body, response) => {
      seen.push(request.headers.cookie);
      response.setHeader('set-cookie', ['sticky=a=b; Path=/; HttpOnly', 'gone=1; Max-Age=0']);
      response.end();
    });
    const sender = await client({ cookies: { enabled: true } });
    const plain = await client();
    for (const each of [sender, sender, plain, plain]) await each.post(url, { body: Buffer.of(1) });
    expect(seen).toEqual([undefined, 'sticky=a=b', undefined, undefined]);
  });
});

const KEPT = { enabled: true, idle_conn_timeout: 90_000, max_idle_conns: 100, max_idle_conns_per_host: 0 };

describe('connections', () => {
  it.each([
    [{}, 1],
    [{ disable_keep_alives: true }, 2],
    [{ keepalive: { ...KEPT, enabled: false } }, 2],
    [{ disable_keep_alives: true, keepalive: KEPT }, 1],
  ])('of two requests with %j: %d', async (settings, expected) => {
    await serve((_request, _body, response) => response.end());
    const sender = await client(settings);
    for (let i = 0; i < 2; i++) await sender.post(url, { body: Buffer.of(1) });
    expect(connections).toBe(expected);
  });
});

describe('failures', () => {
  it('a refused connection is retryable', async () => {
    const server = await serve(() => undefined);
    server.close();
    const error = await failure((await client()).post(url, { body: Buffer.of(1) }));
    expect([error.code, error.retryable]).toEqual(['ECONNREFUSED', true]);
    expect(error.message).toContain(url);
  });

  it('a connection that ends without a reply is retryable', async () => {
    await serve((request) => request.socket.destroy());
    const error = await failure((await client()).post(url, { body: Buffer.of(1) }));
    expect([error.code, error.retryable]).toEqual(['ECONNRESET', true]);
  });

  it('garbage instead of a reply is retryable', async () => {
    const server = await listen(createTcpServer((socket) => void socket.on('data', () => socket.end('SSH-2.0-x\r\n'))));
    const error = await failure((await client()).post(`http://127.0.0.1:${portOf(server)}/`, { body: Buffer.of(1) }));
    expect(error.retryable).toBe(true);
  });

  it('a pooled connection that the server has closed meanwhile is replaced unnoticed', async () => {
    let requests = 0;
    await serve((request, _body, response) => {
      requests += 1;
      if (requests === 2) request.socket.destroy();
      else response.end('ok');
    });
    const sender = await client();
    await sender.post(url, { body: Buffer.of(1) });
    const reply = await sender.post(url, { body: Buffer.of(2) });
    expect([Buffer.from(reply.body).toString(), requests]).toEqual(['ok', 3]);
  });

  it('the timeout ends a request', async () => {
    const clock = new ManualClock();
    const arrived = Promise.withResolvers<void>();
    await serve(() => arrived.resolve());
    const failing = failure((await client({ timeout: 5000 }, clock)).post(url, { body: Buffer.of(1) }));
    await arrived.promise;
    clock.advance(5000);
    const error = await failing;
    expect([error.code, error.retryable]).toEqual(['DEADLINE_EXCEEDED', true]);
    expect(clock.pending).toBe(0);
  });

  it('the caller ends a request, before or during it', async () => {
    const arrived = Promise.withResolvers<void>();
    await serve(() => arrived.resolve());
    const sender = await client();
    const controller = new AbortController();
    const failing = failure(sender.post(url, { body: Buffer.of(1), abort: controller.signal }));
    await arrived.promise;
    controller.abort();
    for (const error of [
      await failing,
      await failure(sender.post(url, { body: Buffer.of(1), abort: controller.signal })),
    ]) {
      expect([error.code, error.retryable]).toEqual(['CANCELLED', true]);
    }
  });

  it('an unreadable authority ends the start', async () => {
    const config = decoded(schema, { tls: { ca_file: '/nowhere/ca.crt' } });
    const sender = new HttpClient({ config, clock: systemClock, logger: new MemoryLogger(), userAgent: 'x' });
    await expect(sender.start()).rejects.toMatchObject({
      name: 'ComponentError',
      code: 'TLS_UNREADABLE',
      message: expect.stringContaining('"/nowhere/ca.crt"') as string,
      remedy: 'check the path',
    });
  });
});

describe('a proxy', () => {
  it('takes plain requests with their whole URL', async () => {
    await serve((request, _body, response) => response.end(request.url));
    const proxied: string[] = [];
    const proxy = await listen(
      createServer((request, response) => {
        proxied.push(request.url ?? '');
        request.pipe(httpRequest(request.url ?? '', { method: 'POST' }, (reply) => reply.pipe(response)));
      }),
    );
    const reply = await (
      await client({ proxy_url: `http://127.0.0.1:${portOf(proxy)}` })
    ).post(url, { body: Buffer.of(1) });
    expect(Buffer.from(reply.body).toString()).toBe('/v1/logs');
    expect(proxied).toEqual([url]);
  });

  it('is asked for a tunnel to https servers', async () => {
    const wanted: string[] = [];
    const proxy = await listen(createServer());
    const target = await listen(createTcpServer((socket) => socket.end()));
    proxy.on('connect', (request: IncomingMessage, socket) => {
      wanted.push(request.url ?? '');
      const onward = connect(portOf(target), '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      onward.pipe(socket).pipe(onward);
      socket.on('error', () => onward.destroy());
    });
    const sender = await client({ proxy_url: `http://127.0.0.1:${portOf(proxy)}` });
    const error = await failure(sender.post('https://collector.test:4318/', { body: Buffer.of(1) }));
    expect(error.retryable).toBe(true);
    expect(wanted).toEqual(['collector.test:4318']);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j means %s ms', (header, delayMs) => {
    expect(retryAfterMs(header, now)).toBe(delayMs);
  });
});
