import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Http2SecureServer, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { DeliveryError, messageOf } from '@millrace/api';
import type { Clock, Logger, RequestHeaders, ServerAuthenticator } from '@millrace/api';
import { Cors } from './cors.ts';
import { type ExtensionOf, serverAuthenticator } from './auth-config.ts';
import { parseListenEndpoint } from './endpoint.ts';
import type { Address } from './endpoint.ts';
import { headerPairs } from './header-list.ts';
import { HttpExchange } from './http-exchange.ts';
import type { ExchangeSettings, Request, Response } from './http-exchange.ts';
import { failureOf, plainFailure } from './http-failure.ts';
import type { HttpFailure, HttpResponse, HttpRoute, RequestHead } from './http-message.ts';
import type { HttpServerConfig } from './http-server-config.ts';
import { listen } from './listen.ts';
import { createServer } from './node-http.ts';
import { loadServerTls } from './tls-context.ts';
import { reloadTls } from './tls-reload.ts';
import { nodeHttp2 } from './node-http2.ts';

const DEFAULT_BODY_BYTES_MAX = 20 * 1024 * 1024;

export interface HttpServerOptions {
  readonly config: HttpServerConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Finds the extension that `auth` names. */
  readonly extension?: ExtensionOf;
  /** By exact path. */
  readonly routes: ReadonlyMap<string, HttpRoute>;
  /** Takes what no path matches; without it the answer is 404. */
  readonly fallback?: HttpRoute;
  /** Gives failures the form of the protocol that is spoken; plain text without it. */
  render?(head: RequestHead, failure: HttpFailure): HttpResponse;
}

/**
 * An HTTP server with the Collector's settings: HTTP/1.1, and over TLS also HTTP/2. Bodies are stored as they come,
 * still compressed. `start` once, then `shutdown`, which may come without it and more than once.
 */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #cors: Cors | undefined;
  readonly #encodings: ReadonlySet<string>;
  readonly #settings: ExchangeSettings;
  /** Connections of HTTP/1, with the number of requests under way. */
  readonly #sockets: Map<Socket, number>;
  readonly #sessions: Set<ServerHttp2Session>;
  /** Connections beneath TLS, also those within a handshake. */
  readonly #handshakes: Set<Socket>;
  #server: Server | Http2SecureServer | undefined;
  #authenticator: ServerAuthenticator | undefined;
  #stopReloading: () => void;
  #isClosing: boolean;
  #closed: Promise<void> | undefined;

  constructor(options: HttpServerOptions) {
    const { config } = options;
    const keepsAlive = config.keepalive?.enabled ?? config.keep_alives_enabled;
    this.#options = options;
    this.#cors =
      config.cors !== undefined && config.cors.allowed_origins.length > 0 ? new Cors(config.cors) : undefined;
    this.#encodings = new Set(config.compression_algorithms);
    this.#settings = {
      clock: options.clock,
      bodyBytesMax: config.max_request_body_size > 0 ? config.max_request_body_size : DEFAULT_BODY_BYTES_MAX,
      readTimeoutMs: config.read_timeout,
      writeTimeoutMs: config.write_timeout,
      includeMetadata: config.include_metadata,
      responseHeaders: headerPairs(config.response_headers).flat(),
      explain: (error) => this.#explain(error),
      render: (head, failure) => options.render?.(head, failure) ?? plainFailure(failure),
      isClosing: () => this.#isClosing || !keepsAlive,
    };
    this.#sockets = new Map();
    this.#sessions = new Set();
    this.#handshakes = new Set();
    this.#server = undefined;
    this.#authenticator = undefined;
    this.#stopReloading = () => undefined;
    this.#isClosing = false;
    this.#closed = undefined;
  }

  /** Listens; resolves with the address in use. Throws a ComponentError. */
  async start(): Promise<Address> {
    this.#authenticator = serverAuthenticator(this.#options.config, this.#options.extension);
    const address = parseListenEndpoint(this.#options.config.endpoint, this.#options.config.transport);
    const server = await this.#create();
    this.#server = server;
    const { logger } = this.#options;
    try {
      const bound = await listen(server, address);
      server.on('error', (error) => logger.error('HTTP server failed', { error: messageOf(error) }));
      return bound;
    } catch (error) {
      this.#stopReloading();
      this.#server = undefined;
      throw error;
    }
  }

  /**
   * Stops listening, closes idle connections, and resolves once every request under way is answered; after `graceMs`
   * those left are cut.
   */
  shutdown(graceMs: number): Promise<void> {
    this.#stopReloading();
    const server = this.#server;
    if (server === undefined) return Promise.resolve();
    this.#closed ??= this.#close(server, graceMs);
    return this.#closed;
  }

  async #close(server: Server | Http2SecureServer, graceMs: number): Promise<void> {
    this.#isClosing = true;
    const cancel = this.#options.clock.after(graceMs, () => {
      for (const session of this.#sessions) session.destroy();
      for (const socket of this.#sockets.keys()) socket.destroy();
      for (const socket of this.#handshakes) socket.destroy();
    });
    const closed = new Promise<void>((resolve) => server.once('close', resolve));
    server.close();
    for (const session of this.#sessions) session.close();
    for (const [socket, busy] of this.#sockets) if (busy === 0) socket.destroy();
    this.#dropHandshakes();
    await closed;
    cancel();
  }

  async #create(): Promise<Server | Http2SecureServer> {
    const { config, clock, logger } = this.#options;
    const readMs = config.read_timeout;
    const limits = {
      requestTimeout: readMs,
      // Node refuses a headers limit above that of the whole request.
      headersTimeout: shorter(config.read_header_timeout, readMs),
      keepAliveTimeout: (config.keepalive?.idle_timeout ?? config.idle_timeout) || readMs,
      connectionsCheckingInterval: checkInterval([readMs, config.read_header_timeout]),
    };
    if (config.tls === undefined) {
      const server = createServer(limits, (request, response) => this.#serve(request, response, false));
      server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
        this.#serve(request, response, true),
      );
      server.on('connection', (socket) => this.#track(socket));
      return server;
    }
    const { tls } = config;
    const options = { ...limits, allowHTTP1: true, settings: { enablePush: false, initialWindowSize: 1024 * 1024 } };
    const server = nodeHttp2().createSecureServer({ ...options, ...(await loadServerTls(tls, logger)) });
    Object.assign(server, limits);
    server.on('request', (request, response) => this.#serve(request, response, false));
    server.on('checkContinue', (request, response) => this.#serve(request, response, true));
    server.on('connection', (socket: Socket) => {
      this.#handshakes.add(socket);
      socket.on('close', () => this.#handshakes.delete(socket));
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      if (socket.alpnProtocol !== 'h2') this.#track(socket);
    });
    server.on('session', (session) => this.#trackSession(session));
    server.on('sessionError', () => undefined);
    server.on('tlsClientError', (error) => logger.debug('TLS handshake failed', { error: messageOf(error) }));
    this.#stopReloading = reloadTls({
      config: tls,
      clock,
      logger,
      reload: async () => server.setSecureContext(await loadServerTls(tls, logger)),
    });
    return server;
  }

  #track(socket: Socket): void {
    this.#sockets.set(socket, 0);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#dropHandshakes();
    });
  }

  /** At shutdown nobody waits for connections that are still being made. */
  #dropHandshakes(): void {
    if (!this.#isClosing || this.#sockets.size > 0 || this.#sessions.size > 0) return;
    for (const socket of this.#handshakes) socket.destroy();
  }

  #trackSession(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.on('close', () => {
      this.#sessions.delete(session);
      this.#dropHandshakes();
    });
    session.on('error', () => undefined);
    const { config } = this.#options;
    const idleMs = config.keepalive?.idle_timeout ?? config.idle_timeout;
    if (idleMs > 0) session.setTimeout(idleMs, () => session.close());
    if (this.#isClosing) session.close();
  }

  #serve(request: Request, response: Response, expectsContinue: boolean): void {
    this.#countRequest(request.socket, response);
    const exchange = new HttpExchange(this.#settings, request, response, expectsContinue);
    const { head } = exchange;
    if (this.#cors !== undefined) {
      if (this.#cors.isPreflight(head)) {
        exchange.send({ status: 204, headers: this.#cors.preflight(head) });
        return;
      }
      exchange.extraHeaders = this.#cors.actual(head);
    }
    const route = this.#options.routes.get(head.path) ?? this.#options.fallback;
    const failure = this.#stranger(head) ?? (route === undefined ? notFound(head) : this.#refusal(route, head));
    if (route === undefined || failure !== undefined) exchange.fail(failure as HttpFailure);
    else exchange.run(route);
  }

  #countRequest(socket: Socket, response: Response): void {
    const busy = this.#sockets.get(socket);
    if (busy === undefined) return;
    this.#sockets.set(socket, busy + 1);
    response.on('close', () => {
      const now = this.#sockets.get(socket);
      if (now !== undefined) this.#sockets.set(socket, now - 1);
    });
  }

  /** What speaks against the sender of a request. */
  #stranger(head: RequestHead): HttpFailure | undefined {
    const authenticator = this.#authenticator;
    if (authenticator === undefined) return undefined;
    const message = authenticator.refuse(withParameters(head, this.#options.config.auth?.request_params));
    if (message === undefined) return undefined;
    return { status: 401, message, headers: { 'www-authenticate': authenticator.challenge } };
  }

  /** What speaks against a request before its body is looked at. */
  #refusal(route: HttpRoute, head: RequestHead): HttpFailure | undefined {
    const { methods } = route;
    if (methods !== undefined && !methods.includes(head.method)) {
      const allow = methods.join(', ');
      return { status: 405, message: `method not allowed, supported: [${allow}]`, headers: { allow } };
    }
    if (!this.#encodings.has(head.encoding)) {
      return { status: 400, message: `unsupported Content-Encoding: ${head.encoding}` };
    }
    try {
      return route.refuse?.(head);
    } catch (error) {
      return this.#explain(error);
    }
  }

  #explain(error: unknown): HttpFailure {
    if (!(error instanceof DeliveryError)) {
      this.#options.logger.error('HTTP request failed unexpectedly', { error: messageOf(error) });
    }
    return failureOf(error);
  }
}

/** The headers, and those parameters of the query that count as such. */
function withParameters({ headers, query }: RequestHead, names: readonly string[] = []): RequestHeaders {
  if (names.length === 0 || query === '') return headers;
  const given = new URLSearchParams(query);
  const shown = names.filter((name) => given.has(name)).map((name) => [name, given.getAll(name)] as const);
  return { ...headers, ...Object.fromEntries(shown) };
}

function notFound(head: RequestHead): HttpFailure {
  return { status: 404, message: `nothing at ${head.path}` };
}

/** The shorter of two limits of which 0 means none. */
function shorter(first: number, second: number): number {
  if (first === 0 || second === 0) return first || second;
  return Math.min(first, second);
}

/** Timeouts of connections are noticed a quarter late at most, without looking at thousands of them all the time. */
function checkInterval(limitsMs: readonly number[]): number {
  const smallest = Math.min(...limitsMs.filter((limit) => limit > 0));
  return Number.isFinite(smallest) ? Math.min(5000, Math.max(20, Math.ceil(smallest / 4))) : 30_000;
}
