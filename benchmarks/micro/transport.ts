/**
 * CPU time of servers and clients per request (of 100 kB by default), ours beside grpc-js and bare Node, all in one run: the
 * ratios count. Every server and every client has a process of its own, whose CPU time the operating system accounts.
 * Run: node benchmarks/micro/transport.ts [CALLS] [BYTES]
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer as createHttpServer, request as httpRequest } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Client, Metadata, Server, ServerCredentials, credentials } from '@grpc/grpc-js';
import type { Body } from '@millrace/api';
import { GrpcClient, GrpcServer, HttpClient, HttpServer } from '../../packages/transport/src/index.ts';
import {
  grpcClientSchema,
  grpcServerSchema,
  httpClientSchema,
  httpServerSchema,
} from '../../packages/transport/src/index.ts';
import { systemClock } from '../../packages/transport/src/testing/clocks.ts';
import { decoded } from '../../packages/transport/src/testing/decoded-config.ts';
import { MemoryLogger } from '../../packages/transport/src/testing/memory-logger.ts';

const PATH = '/test.Sink/Export';
const MESSAGE_BYTES = Number(process.env['TRANSPORT_MESSAGE_BYTES'] ?? process.argv[3] ?? 100_000);
const CONCURRENCY = 8;
const ROUNDS = 3;

type Send = (message: Uint8Array) => Promise<unknown>;
const common = { clock: systemClock, logger: new MemoryLogger() };

/** Memory as an arena gives it: taken once, used again. */
class PooledBody implements Body {
  static readonly #pool: Uint8Array[] = [];
  readonly #memory = PooledBody.#pool.pop() ?? new Uint8Array(new SharedArrayBuffer(1024 * 1024));
  #length = 0;

  append(chunk: Uint8Array): void {
    this.#memory.set(chunk, this.#length);
    this.#length += chunk.length;
  }

  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#length);
  }

  release(): void {
    PooledBody.#pool.push(this.#memory);
  }
}

const EMPTY = Buffer.alloc(0);
const identity = (value: Buffer): Buffer => value;

const servers: Record<string, () => Promise<number>> = {
  'gRPC: GrpcServer': async () => {
    const config = decoded(grpcServerSchema({ endpoint: '127.0.0.1:0' }));
    const method = { admit: () => new PooledBody(), handle: (_head: unknown, body: Body) => (body.release(), EMPTY) };
    const address = await new GrpcServer({ ...common, config, methods: new Map([[PATH, method]]) }).start();
    return address.kind === 'tcp' ? address.port : 0;
  },
  'gRPC: bare node:http2': async () => {
    const server = createHttp2Server({ settings: { initialWindowSize: 1024 * 1024 } });
    server.on('session', (session) => session.setLocalWindowSize(8 * 1024 * 1024));
    server.on('stream', (stream) => {
      const body = new PooledBody();
      stream.on('data', (chunk: Buffer) => body.append(chunk));
      stream.on('end', () => {
        body.release();
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.end(Buffer.alloc(5));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  },
  'gRPC: grpc-js': () => {
    const server = new Server();
    const codec = {
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    };
    server.addService(
      { Export: { path: PATH, requestStream: false, responseStream: false, ...codec } },
      { Export: (_call: unknown, reply: (error: null, value: Buffer) => void) => reply(null, EMPTY) },
    );
    return new Promise((resolve) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_error, port) => resolve(port));
    });
  },
  'HTTP: HttpServer': async () => {
    const config = decoded(httpServerSchema({ endpoint: '127.0.0.1:0' }));
    const route = {
      methods: ['POST'],
      admit: () => new PooledBody(),
      handle: (_head: unknown, body: Body | undefined) => (
        body?.release(),
        { status: 200, headers: { 'content-type': 'application/x-protobuf' } }
      ),
    };
    const address = await new HttpServer({ ...common, config, routes: new Map([[PATH, route]]) }).start();
    return address.kind === 'tcp' ? address.port : 0;
  },
  'HTTP: bare node:http': async () => {
    const server = createHttpServer((request, response) => {
      const body = new PooledBody();
      request.on('data', (chunk: Buffer) => body.append(chunk));
      request.on('end', () => {
        body.release();
        response.writeHead(200, { 'content-type': 'application/x-protobuf', 'content-length': 0 }).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  },
};

const clients: Record<string, (port: number) => Promise<Send>> = {
  'gRPC: GrpcClient': async (port) => {
    const config = decoded(grpcClientSchema(), { endpoint: `127.0.0.1:${port}`, tls: { insecure: true } });
    const client = new GrpcClient({ ...common, config, userAgent: 'bench' });
    await client.start();
    return (message) => client.call(PATH, { message, timeoutMs: 5000 });
  },
  'gRPC: grpc-js': (port) => {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const call = (message: Uint8Array): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const options = { deadline: Date.now() + 5000 };
        client.makeUnaryRequest(PATH, identity, identity, message as Buffer, new Metadata(), options, (error, reply) =>
          error === null ? resolve(reply) : reject(error),
        );
      });
    return Promise.resolve(call);
  },
  'HTTP: HttpClient': async (port) => {
    const client = new HttpClient({ ...common, config: decoded(httpClientSchema()), userAgent: 'bench' });
    await client.start();
    return (body) => client.post(`http://127.0.0.1:${port}${PATH}`, { body });
  },
  'HTTP: bare node:http': (port) => {
    const agent = new Agent({ keepAlive: true });
    const options = {
      agent,
      port,
      host: '127.0.0.1',
      path: PATH,
      method: 'POST',
      headers: { 'content-length': MESSAGE_BYTES },
    };
    const send = (body: Uint8Array): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const request = httpRequest(options, (response) => response.resume().on('end', resolve));
        request.on('error', reject).end(body);
      });
    return Promise.resolve(send);
  },
};

/** Sends `calls` messages, some at a time. */
async function load(send: Send, calls: number): Promise<void> {
  const message = Buffer.alloc(MESSAGE_BYTES, 1);
  let left = calls;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await send(message);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

/** A child process: runs one server or one client, and tells its CPU time in microseconds. */
async function child(role: string, name: string): Promise<void> {
  if (role === 'server') process.send?.(await servers[name]());
  const sends = new Map<number, Send>();
  process.on('message', (order: { readonly port?: number; readonly calls?: number }) => {
    void (async () => {
      const { port, calls = 0 } = order;
      if (port !== undefined) {
        const send = sends.get(port) ?? (await clients[name](port));
        sends.set(port, send);
        await load(send, calls);
      }
      const { user, system } = process.cpuUsage();
      process.send?.(user + system);
    })();
  });
}

async function ask(peer: ChildProcess, order: object): Promise<number> {
  const answered = once(peer, 'message') as Promise<[number]>;
  peer.send(order);
  return (await answered)[0];
}

/** Best of several rounds: CPU microseconds per call, of the server and of the client. */
async function measure(
  serverName: string,
  clientName: string,
  calls: number,
): Promise<{ server: number; client: number }> {
  const server = fork(import.meta.filename, ['server', serverName]);
  const [port] = (await once(server, 'message')) as [number];
  const client = fork(import.meta.filename, ['client', clientName]);
  await ask(client, { port, calls });
  const best = { server: Infinity, client: Infinity };
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = [await ask(server, {}), await ask(client, {})];
    const after = [await ask(client, { port, calls }), await ask(server, {})];
    best.server = Math.min(best.server, (after[1] - before[0]) / calls);
    best.client = Math.min(best.client, (after[0] - before[1]) / calls);
  }
  client.kill();
  server.kill();
  return best;
}

async function main(): Promise<void> {
  const calls = Number(process.argv[2] ?? 2000);
  // For the processes that are started.
  process.env['TRANSPORT_MESSAGE_BYTES'] = String(MESSAGE_BYTES);
  console.log(
    `CPU per request of ${MESSAGE_BYTES} bytes, ${CONCURRENCY} at a time, best of ${ROUNDS} rounds of ${calls}\n`,
  );
  const show = (side: string, name: string, micros: number): void =>
    console.log(`  ${side.padEnd(8)} ${name.padEnd(24)} ${micros.toFixed(0).padStart(6)} µs`);
  const protocolOf = (name: string): string => name.slice(0, 5);
  for (const name of Object.keys(servers)) {
    const peer = protocolOf(name) === 'gRPC:' ? 'gRPC: GrpcClient' : 'HTTP: bare node:http';
    show('server', name, (await measure(name, peer, calls)).server);
  }
  for (const name of Object.keys(clients)) {
    const peer = protocolOf(name) === 'gRPC:' ? 'gRPC: bare node:http2' : 'HTTP: bare node:http';
    show('client', name, (await measure(peer, name, calls)).client);
  }
}

const [role, name] = process.argv.slice(2);
if (role === 'server' || role === 'client') await child(role, name);
else await main();
