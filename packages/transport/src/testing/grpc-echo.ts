import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { ClientHttp2Session, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { Client, Metadata, credentials } from '@grpc/grpc-js';
import type { CallOptions, ServiceError } from '@grpc/grpc-js';
import type { Clock } from '@millrace/api';
import type { GrpcCallHead, GrpcMethod } from '../grpc-method.ts';
import { grpcServerSchema } from '../grpc-server-config.ts';
import { GrpcServer } from '../grpc-server.ts';
import { ManualClock, systemClock } from './clocks.ts';
import { CountedBodies } from './counted-bodies.ts';
import { decoded } from './decoded-config.ts';
import { MemoryLogger } from './memory-logger.ts';

const schema = grpcServerSchema({ endpoint: 'localhost:0' });
type Given = Parameters<typeof decoded<typeof schema>>[1];

export const PATH = '/test.Echo/Echo';
const OTHER_PATH = '/test.Echo/Other';

export interface Calling {
  readonly path?: string;
  readonly metadata?: Record<string, string>;
  readonly options?: CallOptions;
  readonly client?: Client;
}

export interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A gRPC server under test, its clients, and a bystander who must not be disturbed. */
export class GrpcEcho {
  readonly bodies = new CountedBodies();
  readonly logger = new MemoryLogger();
  port = 0;
  /** What the method answers; replaced by tests. */
  answer: (bytes: Uint8Array, head: GrpcCallHead) => Uint8Array | Promise<Uint8Array> = (bytes) => bytes;
  readonly #servers: GrpcServer[] = [];
  readonly #clocks: ManualClock[] = [];
  readonly #clients: (() => void)[] = [];
  #bystander: ClientHttp2Session | undefined;

  async serve(given: Given = {}, clock: Clock = systemClock): Promise<GrpcServer> {
    const config = decoded(schema, { endpoint: '127.0.0.1:0', ...given });
    const method: GrpcMethod = {
      admit: (_head, expected) => this.bodies.admit(expected),
      handle: (head, body) => {
        const bytes = Buffer.from(body.bytes);
        body.release();
        return this.answer(bytes, head);
      },
    };
    const other: GrpcMethod = {
      admit: () => new CountedBodies().admit(0),
      handle: (_head, body) => Buffer.from(body.bytes),
    };
    const methods = new Map([
      [PATH, method],
      [OTHER_PATH, other],
    ]);
    const server = new GrpcServer({ config, clock, logger: this.logger, methods, random: () => 0.5 });
    const address = await server.start();
    this.#servers.push(server);
    if (clock instanceof ManualClock) this.#clocks.push(clock);
    this.port = address.kind === 'tcp' ? address.port : 0;
    this.#bystander = this.session();
    await once(this.#bystander, 'remoteSettings');
    return server;
  }

  /** Ends everything and sees to it that no body was left behind. */
  async close(): Promise<void> {
    for (const close of this.#clients) close();
    const stopped = this.#servers.map((server) => server.shutdown(0));
    for (const clock of this.#clocks) clock.advance(0);
    await Promise.all(stopped);
    assert.equal(this.bodies.open, 0, 'a body was left behind');
  }

  client(options: Record<string, number> = {}): Client {
    const made = new Client(`127.0.0.1:${this.port}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      ...options,
    });
    this.#clients.push(() => made.close());
    return made;
  }

  /** A call by grpc-js; rejects with its ServiceError. */
  call(bytes: Uint8Array, calling: Calling = {}): Promise<Buffer> {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(calling.metadata ?? {})) metadata.set(name, value);
    return new Promise((resolve, reject) => {
      (calling.client ?? this.client()).makeUnaryRequest(
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

  /** Whether a new client and one that was connected all along, over the same connection, are served. */
  async othersAreServed(): Promise<boolean> {
    const reply = await this.call(Buffer.from('other'), { path: OTHER_PATH });
    const { body } = await this.rawCall({ ':path': OTHER_PATH }, [frame('other')], this.#bystander);
    return reply.toString() === 'other' && body.equals(frame('other'));
  }

  session(): ClientHttp2Session {
    const made = connectHttp2(`http://127.0.0.1:${this.port}`);
    made.on('error', () => undefined);
    this.#clients.push(() => made.destroy());
    return made;
  }

  /** A call frame by frame, with whatever headers and bytes. */
  rawCall(headers: OutgoingHttpHeaders, chunks: readonly Uint8Array[], session = this.session()): Promise<RawAnswer> {
    const stream = session.request({
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
}

export async function failure(calling: Promise<unknown>): Promise<ServiceError> {
  return calling.then(
    () => assert.fail('the call was answered'),
    (error: unknown) => error as ServiceError,
  );
}

/** The next event of that name, whatever errors come before it. */
export function once(emitter: EventEmitter, name: string): Promise<unknown[]> {
  return new Promise((resolve) => emitter.once(name, (...values: unknown[]) => resolve(values)));
}

/** A message with its prefix. */
export function frame(text: string, flags = 0): Buffer {
  const prefix = Buffer.from([flags, 0, 0, 0, 0]);
  prefix.writeUInt32BE(text.length, 1);
  return Buffer.concat([prefix, Buffer.from(text)]);
}
