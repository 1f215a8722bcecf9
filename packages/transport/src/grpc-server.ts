import type {
  Http2SecureServer,
  Http2Server,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from 'node:http2';
import { Server as NetServer } from 'node:net';
import type { Socket } from 'node:net';
import { DeliveryError, messageOf } from '@millrace/api';
import type { Clock, Logger, ServerAuthenticator } from '@millrace/api';
import { type ExtensionOf, serverAuthenticator } from './auth-config.ts';
import { parseListenEndpoint } from './endpoint.ts';
import type { Address } from './endpoint.ts';
import { GrpcConnection } from './grpc-connection.ts';
import type { GrpcMethod } from './grpc-method.ts';
import { GrpcServerCall, answerStatus } from './grpc-server-call.ts';
import type { CallSettings } from './grpc-server-call.ts';
import type { GrpcServerConfig } from './grpc-server-config.ts';
import { GrpcError, grpcErrorOf } from './grpc-status.ts';
import { listen } from './listen.ts';
import { loadServerTls } from './tls-context.ts';
import { reloadTls } from './tls-reload.ts';
import { constants, nodeHttp2 } from './node-http2.ts';

const MIB = 1024 * 1024;
const DEFAULT_MESSAGE_MIB_MAX = 4;
const DEFAULT_STREAMS_MAX = 1000;
/** Bytes that one call, and all calls of a connection together, may send ahead. */
const STREAM_WINDOW_BYTES_MIN = MIB;
const CONNECTION_WINDOW_BYTES = 8 * MIB;
/** Cap of Node's own accounting for one connection, in MB: above the connection's window. */
const SESSION_MEMORY_MB_MAX = 32;
/** Cancelled calls a connection may have at once and per second before it is closed (CVE-2023-44487). */
const RESET_BURST_MAX = 1000;
const RESETS_PER_SECOND_MAX = 100;

export interface GrpcServerOptions {
  readonly config: GrpcServerConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Finds the extension that `auth` names. */
  readonly extension?: ExtensionOf;
  /** By path: `/package.Service/Method`. */
  readonly methods: ReadonlyMap<string, GrpcMethod>;
  readonly random?: () => number;
}

/**
 * A gRPC server for unary methods that deal in message bytes, with the Collector's settings. Messages are stored as
 * they come, still compressed. `start` once, then `shutdown`, which may come without it and more than once.
 */
export class GrpcServer {
  readonly #options: GrpcServerOptions;
  readonly #settings: CallSettings;
  readonly #services: ReadonlySet<string>;
  readonly #connections: Map<ServerHttp2Session, GrpcConnection>;
  /** Every accepted connection, also those within a TLS handshake. */
  readonly #sockets: Set<Socket>;
  #server: Http2Server | Http2SecureServer | undefined;
  #authenticator: ServerAuthenticator | undefined;
  #stopReloading: () => void;
  #closed: Promise<void> | undefined;

  constructor(options: GrpcServerOptions) {
    const { config } = options;
    this.#options = options;
    this.#settings = {
      clock: options.clock,
      messageBytesMax:
        (config.max_recv_msg_size_mib > 0 ? config.max_recv_msg_size_mib : DEFAULT_MESSAGE_MIB_MAX) * MIB,
      includeMetadata: config.include_metadata,
      explain: (error) => this.#explain(error),
    };
    this.#services = new Set([...options.methods.keys()].map(serviceOf));
    this.#connections = new Map();
    this.#sockets = new Set();
    this.#server = undefined;
    this.#authenticator = undefined;
    this.#stopReloading = () => undefined;
    this.#closed = undefined;
  }

  /** Listens; resolves with the address in use. Throws a ComponentError. */
  async start(): Promise<Address> {
    this.#authenticator = serverAuthenticator(this.#options.config, this.#options.extension);
    const address = parseListenEndpoint(this.#options.config.endpoint, this.#options.config.transport);
    const server = await this.#create();
    this.#server = server;
    try {
      const bound = await listen(server, address);
      server.on('error', (error) => this.#options.logger.error('gRPC server failed', { error: messageOf(error) }));
      return bound;
    } catch (error) {
      this.#stopReloading();
      this.#server = undefined;
      throw error;
    }
  }

  /**
   * Stops listening, tells clients to go elsewhere, and resolves once every call under way is answered; after
   * `graceMs` those left are cut.
   */
  shutdown(graceMs: number): Promise<void> {
    this.#stopReloading();
    const server = this.#server;
    if (server === undefined) return Promise.resolve();
    this.#closed ??= this.#close(server, graceMs);
    return this.#closed;
  }

  async #close(server: Http2Server | Http2SecureServer, graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => server.once('close', resolve));
    // Not http2's own close(): its GOAWAY would cut off calls that are on their way to us.
    NetServer.prototype.close.call(server);
    for (const connection of this.#connections.values()) connection.drain();
    const cancel = this.#options.clock.after(graceMs, () => {
      for (const connection of this.#connections.values()) connection.destroy();
      this.#dropSockets();
    });
    if (this.#connections.size === 0) this.#dropSockets();
    await closed;
    cancel();
  }

  async #create(): Promise<Http2Server | Http2SecureServer> {
    const { config, clock, logger } = this.#options;
    const options = {
      maxSessionMemory: SESSION_MEMORY_MB_MAX,
      streamResetBurst: RESET_BURST_MAX,
      streamResetRate: RESETS_PER_SECOND_MAX,
      settings: {
        enablePush: false,
        initialWindowSize: Math.max(STREAM_WINDOW_BYTES_MIN, config.read_buffer_size),
        maxConcurrentStreams: config.max_concurrent_streams > 0 ? config.max_concurrent_streams : DEFAULT_STREAMS_MAX,
      },
    };
    const { tls } = config;
    if (tls === undefined) return this.#wire(nodeHttp2().createServer(options));
    const server = nodeHttp2().createSecureServer({
      ...options,
      ...(await loadServerTls(tls, logger)),
      ALPNProtocols: ['h2'],
    });
    server.on('tlsClientError', (error) => logger.debug('TLS handshake failed', { error: messageOf(error) }));
    server.on('unknownProtocol', (socket) => socket.destroy());
    this.#stopReloading = reloadTls({
      config: tls,
      clock,
      logger,
      reload: async () => server.setSecureContext(await loadServerTls(tls, logger)),
    });
    return this.#wire(server);
  }

  #wire<S extends Http2Server | Http2SecureServer>(server: S): S {
    // The two classes have the same events but no common type for them.
    const events = server as Http2Server;
    events.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    events.on('session', (session) => this.#onSession(session));
    events.on('sessionError', (error) =>
      this.#options.logger.debug('gRPC connection failed', { error: messageOf(error) }),
    );
    events.on('stream', (stream, headers) => this.#onStream(stream, headers));
    return server;
  }

  #onSession(session: ServerHttp2Session): void {
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    const { config, clock, random } = this.#options;
    const connection = new GrpcConnection({
      session,
      keepalive: config.keepalive,
      clock,
      random: random ?? Math.random,
    });
    this.#connections.set(session, connection);
    connection.run(() => {
      this.#connections.delete(session);
      if (this.#closed !== undefined && this.#connections.size === 0) this.#dropSockets();
    });
    if (this.#closed !== undefined) connection.drain();
  }

  #dropSockets(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    // A reset by the client is no error of ours.
    stream.on('error', ignore);
    const connection =
      stream.session === undefined ? undefined : this.#connections.get(stream.session as ServerHttp2Session);
    if (connection !== undefined) {
      connection.callBegan();
      stream.on('close', () => connection.callEnded());
    }
    if (headers[':method'] !== 'POST') {
      refuse(stream, { ':status': 405, allow: 'POST' });
    } else if (!isGrpc(headers['content-type'])) {
      refuse(stream, { ':status': 415 });
    } else {
      const path = headers[':path'] ?? '';
      const method = this.#options.methods.get(path);
      const stranger = this.#authenticator?.refuse(headers);
      if (stranger !== undefined || method === undefined) {
        answerStatus(stream, stranger === undefined ? this.#unknown(path) : new GrpcError('UNAUTHENTICATED', stranger));
        stream.close(constants.NGHTTP2_NO_ERROR);
      } else {
        new GrpcServerCall(this.#settings, stream, headers, method).run();
      }
    }
  }

  #unknown(path: string): GrpcError {
    const service = serviceOf(path);
    const isKnown = this.#services.has(service);
    const text = isKnown
      ? `unknown method ${path.slice(service.length + 1)} for service ${service.slice(1)}`
      : `unknown service ${service.slice(1)}`;
    return new GrpcError('UNIMPLEMENTED', text);
  }

  #explain(error: unknown): GrpcError {
    if (!(error instanceof DeliveryError) && !(error instanceof GrpcError)) {
      this.#options.logger.error('gRPC call failed unexpectedly', { error: messageOf(error) });
    }
    return grpcErrorOf(error);
  }
}

/** `/package.Service` of `/package.Service/Method`. */
function serviceOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end <= 0 ? path : path.slice(0, end);
}

function isGrpc(contentType: string | undefined): boolean {
  if (contentType === undefined || !contentType.startsWith('application/grpc')) return false;
  const next = contentType['application/grpc'.length];
  return next === undefined || next === '+' || next === ';';
}

function refuse(stream: ServerHttp2Stream, headers: Record<string, string | number>): void {
  stream.respond(headers, { endStream: true });
  stream.close(constants.NGHTTP2_NO_ERROR);
}

function ignore(): void {}
