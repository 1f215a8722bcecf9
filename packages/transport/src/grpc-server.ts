import { createServer } from 'node:net';
import type { Server as NetServer, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Server as TlsServer, TLSSocket } from 'node:tls';
import { DeliveryError, messageOf } from '@millrace/api';
import type { Clock, Logger, ServerAuthenticator } from '@millrace/api';
import { type ExtensionOf, serverAuthenticator } from './auth-config.ts';
import { parseListenEndpoint } from './endpoint.ts';
import type { Address } from './endpoint.ts';
import { GrpcConnection } from './grpc-connection.ts';
import type { GrpcMethod } from './grpc-method.ts';
import { GrpcServerCall, answerHead, answerStatus } from './grpc-server-call.ts';
import type { CallSettings } from './grpc-server-call.ts';
import type { GrpcServerConfig } from './grpc-server-config.ts';
import { GrpcError, grpcErrorOf } from './grpc-status.ts';
import type { HeaderMap } from './http2/header-rules.ts';
import type { LocalSettings } from './http2/settings.ts';
import type { Http2Stream, StreamHandler } from './http2/stream.ts';
import { listen } from './listen.ts';
import { loadServerTls } from './tls-context.ts';
import { reloadTls } from './tls-reload.ts';

const MIB = 1024 * 1024;
const DEFAULT_MESSAGE_MIB_MAX = 4;
const DEFAULT_STREAMS_MAX = 1000;
/** Bytes that one call, and all calls of a connection together, may send ahead. */
const STREAM_WINDOW_BYTES_MIN = MIB;
const CONNECTION_WINDOW_BYTES = 8 * MIB;
/** Longest DATA frame: as what comes is used at once, a long one costs no memory. */
const FRAME_BYTES_MAX = 256 * 1024;
const HEADER_LIST_BYTES_MAX = 64 * 1024;

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
  readonly #http2Settings: LocalSettings;
  readonly #connections: Set<GrpcConnection>;
  /** Every accepted connection, also those within a TLS handshake. */
  readonly #sockets: Set<Socket>;
  #server: NetServer | undefined;
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
    this.#http2Settings = {
      windowBytes: Math.max(STREAM_WINDOW_BYTES_MIN, config.read_buffer_size),
      connectionWindowBytes: CONNECTION_WINDOW_BYTES,
      frameBytesMax: FRAME_BYTES_MAX,
      headerListBytesMax: HEADER_LIST_BYTES_MAX,
      streamsMax: config.max_concurrent_streams > 0 ? config.max_concurrent_streams : DEFAULT_STREAMS_MAX,
    };
    this.#connections = new Set();
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

  async #close(server: NetServer, graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => server.once('close', resolve));
    server.close();
    for (const connection of this.#connections) connection.drain();
    const cancel = this.#options.clock.after(graceMs, () => {
      for (const connection of this.#connections) connection.destroy();
      this.#dropSockets();
    });
    if (this.#connections.size === 0) this.#dropSockets();
    await closed;
    cancel();
  }

  async #create(): Promise<NetServer> {
    const { config, clock, logger } = this.#options;
    const { tls } = config;
    if (tls === undefined) {
      const server = createServer({ noDelay: true }, (socket) => this.#onConnected(socket));
      return this.#track(server);
    }
    const server = createTlsServer(
      { ...(await loadServerTls(tls, logger)), ALPNProtocols: ['h2'], noDelay: true },
      (socket) => this.#onSecured(socket),
    );
    server.on('tlsClientError', (error) => logger.debug('TLS handshake failed', { error: messageOf(error) }));
    const reload = async (): Promise<void> => server.setSecureContext(await loadServerTls(tls, logger));
    this.#stopReloading = reloadTls({ config: tls, clock, logger, reload });
    return this.#track(server);
  }

  #track<S extends NetServer | TlsServer>(server: S): S {
    // TLS servers tell of the connection beneath as well.
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    return server;
  }

  #onSecured(socket: TLSSocket): void {
    socket.disableRenegotiation();
    if (socket.alpnProtocol === 'h2') this.#onConnected(socket);
    else socket.destroy();
  }

  #onConnected(socket: Socket): void {
    const { config, clock, random, logger } = this.#options;
    const connection = new GrpcConnection({
      socket,
      settings: this.#http2Settings,
      keepalive: config.keepalive,
      clock,
      random: random ?? Math.random,
      onCall: (stream, headers) => this.#onCall(stream, headers),
      onClose: (reason) => {
        if (reason !== undefined) logger.debug('gRPC connection failed', { error: messageOf(reason) });
        this.#connections.delete(connection);
        if (this.#closed !== undefined && this.#connections.size === 0) this.#dropSockets();
      },
    });
    this.#connections.add(connection);
    connection.start();
    if (this.#closed !== undefined) connection.drain();
  }

  #dropSockets(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #onCall(stream: Http2Stream, headers: HeaderMap): StreamHandler {
    if (headers[':method'] !== 'POST')
      return refuse(stream, [
        [':status', '405'],
        ['allow', 'POST'],
      ]);
    if (!isGrpc(headers['content-type'])) return refuse(stream, [[':status', '415']]);
    const path = headers[':path'];
    const method = this.#options.methods.get(path);
    const stranger = this.#authenticator?.refuse(headers);
    if (stranger !== undefined || method === undefined) {
      answerStatus(stream, stranger === undefined ? this.#unknown(path) : new GrpcError('UNAUTHENTICATED', stranger));
      return IGNORED;
    }
    const call = new GrpcServerCall(this.#settings, stream, headers, method);
    call.run();
    return call;
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

function refuse(stream: Http2Stream, fields: readonly (readonly [string, string])[]): StreamHandler {
  answerHead(stream, fields);
  return IGNORED;
}

/** Told of the rest of a request that is answered. */
const IGNORED: StreamHandler = { onData: () => undefined, onEnd: () => undefined, onClose: () => undefined };
