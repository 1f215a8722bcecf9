import type {
  Agent as PlainAgent,
  ClientRequest,
  IncomingMessage,
  OutgoingHttpHeaders,
  RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { DeliveryError, retryable } from '@millrace/api';
import type { ClientAuthenticator, Clock, Logger } from '@millrace/api';
import { clientAuthenticator, type ExtensionOf } from './auth-config.ts';
import { CookieJar } from './cookie-jar.ts';
import { shownUrl } from './endpoint.ts';
import { headerPairs } from './header-list.ts';
import type { HttpClientConfig } from './http-client-config.ts';
import { connectionError, replyError } from './http-outcome.ts';
import type { HttpReply } from './http-outcome.ts';
import { Agent as HttpAgent, request as httpRequest } from './node-http.ts';
import { loadClientTls, namesTls } from './tls-context.ts';
import { reloadTls } from './tls-reload.ts';

/** Bytes of a response that are read; OTLP's are a few dozen. */
const REPLY_BYTES_MAX = 64 * 1024;

export interface HttpClientOptions {
  /** `endpoint` and compression are the caller's: it names whole URLs and hands over compressed bodies. */
  readonly config: HttpClientConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Finds the extension that `auth` names. */
  readonly extension?: ExtensionOf;
  readonly userAgent: string;
}

export interface HttpPost {
  readonly body: Uint8Array;
  /** Lower-case names; the config's `headers` win. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the request; the promise rejects with a retryable error. */
  readonly abort?: AbortSignal;
}

/**
 * Sends request bodies over a pool of HTTP/1.1 connections, with the Collector's settings. `start` once, `post` any
 * number of times at once, then `shutdown`.
 */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #plain: PlainAgent;
  readonly #secure: HttpsAgent;
  readonly #headers: OutgoingHttpHeaders;
  readonly #cookies: CookieJar | undefined;
  #authenticator: ClientAuthenticator | undefined;
  #stopReloading: () => void;
  /** Certificates are loaded, or being loaded. */
  #tls: Promise<void> | undefined;

  constructor(options: HttpClientOptions) {
    const { config } = options;
    const unlimited = (count: number): number => (count === 0 ? Number.POSITIVE_INFINITY : count);
    const { enabled, idle_conn_timeout, max_idle_conns, max_idle_conns_per_host } = config.keepalive ?? {
      ...config,
      enabled: !config.disable_keep_alives,
    };
    const idle = max_idle_conns_per_host === 0 ? max_idle_conns : max_idle_conns_per_host;
    const proxy = config.proxy_url ?? '';
    const pool = {
      keepAlive: enabled,
      maxSockets: unlimited(config.max_conns_per_host),
      maxFreeSockets: unlimited(idle),
      timeout: idle_conn_timeout,
      // As Go's client: the proxy of the environment unless one is named.
      proxyEnv: proxy === '' ? process.env : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy },
    };
    this.#options = options;
    this.#plain = new HttpAgent(pool);
    this.#secure = new HttpsAgent(pool);
    this.#headers = { 'user-agent': options.userAgent, ...Object.fromEntries(headerPairs(config.headers)) };
    this.#cookies = config.cookies?.enabled === true ? new CookieJar() : undefined;
    this.#authenticator = undefined;
    this.#stopReloading = () => undefined;
    this.#tls = undefined;
  }

  /** Reads the certificates. Throws a ComponentError. */
  async start(): Promise<void> {
    const { config, clock, logger } = this.#options;
    this.#authenticator = clientAuthenticator(config, this.#options.extension);
    // The system's certificates alone cannot fail, take 20 ms and some megabytes, and are of no use to plain HTTP.
    if (namesTls(config.tls)) await this.#loadTls();
    const reload = async (): Promise<void> => {
      if (this.#tls !== undefined) await this.#readTls();
    };
    this.#stopReloading = reloadTls({ config: config.tls, clock, logger, reload });
  }

  #loadTls(): Promise<void> {
    this.#tls ??= this.#readTls();
    return this.#tls;
  }

  async #readTls(): Promise<void> {
    const { config, logger } = this.#options;
    Object.assign(this.#secure.options, await loadClientTls(config.tls, logger));
  }

  /** Closes every connection; requests under way fail. */
  shutdown(): void {
    this.#stopReloading();
    this.#plain.destroy();
    this.#secure.destroy();
  }

  /**
   * Sends a body and resolves with the reply when its status is 2xx. Anything else rejects with a DeliveryError by the
   * rules of OTLP/HTTP. `body` is not read any more once the promise has settled.
   */
  async post(url: string, post: HttpPost): Promise<HttpReply> {
    if (isSecure(url)) await this.#loadTls();
    let reply: HttpReply;
    try {
      reply = await this.#attempt(url, post);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      reply = await this.#attempt(url, post);
    }
    this.#cookies?.store(reply.headers['set-cookie'], this.#options.clock.now());
    if (reply.status >= 200 && reply.status < 300) return reply;
    throw replyError(url, reply, this.#options.clock.now());
  }

  #attempt(url: string, { body, headers, abort }: HttpPost): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      const own = { ...this.#headers, ...this.#authenticator?.credentials() };
      const request = this.#open(url, { ...headers, ...own, 'content-length': body.length });
      const stopWaiting = this.#limit(request, url, abort);
      const fail = (error: Error): void => {
        stopWaiting();
        request.destroy();
        if (isStale(request, error)) reject(new StaleConnection());
        else reject(error instanceof DeliveryError ? error : connectionError(url, error));
      };
      request.on('error', fail);
      request.on('response', (response) => {
        response.on('error', fail);
        readReply(response, (reply) => {
          stopWaiting();
          // An early answer: the rest of the body is not sent, and not read from the caller's memory any more.
          if (!request.writableFinished) request.destroy();
          resolve(reply);
        });
      });
      request.end(body);
    });
  }

  #open(url: string, headers: OutgoingHttpHeaders): ClientRequest {
    const cookie = this.#cookies?.header(this.#options.clock.now());
    if (cookie !== undefined) headers['cookie'] = cookie;
    const options: RequestOptions = { method: 'POST', headers };
    return isSecure(url)
      ? httpsRequest(url, { ...options, agent: this.#secure })
      : httpRequest(url, { ...options, agent: this.#plain });
  }

  /** Ends the request at the timeout or the caller's wish; the result ends the waiting. */
  #limit(request: ClientRequest, url: string, abort: AbortSignal | undefined): () => void {
    const { clock, config } = this.#options;
    const onAbort = (): void => {
      const reason: unknown = abort?.reason;
      const error =
        reason instanceof DeliveryError
          ? reason
          : retryable(`request to ${shownUrl(url)} ended`, { code: 'CANCELLED' });
      request.destroy(error);
    };
    const onTimeout = (): void => {
      const text = `${shownUrl(url)} did not answer within ${config.timeout} ms`;
      request.destroy(retryable(text, { code: 'DEADLINE_EXCEEDED' }));
    };
    const cancel = config.timeout > 0 ? clock.after(config.timeout, onTimeout) : undefined;
    if (abort?.aborted === true) onAbort();
    abort?.addEventListener('abort', onAbort);
    return () => {
      cancel?.();
      abort?.removeEventListener('abort', onAbort);
    };
  }
}

function isSecure(url: string): boolean {
  return url.startsWith('https:');
}

/** The server closed a pooled connection just when it was used again; a new one is tried at once. */
class StaleConnection extends Error {}

function isStale(request: ClientRequest, error: NodeJS.ErrnoException): boolean {
  return request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

function readReply(response: IncomingMessage, done: (reply: HttpReply) => void): void {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const finish = (): void => {
    done({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
  };
  response.on('data', (chunk: Uint8Array) => {
    if (length === REPLY_BYTES_MAX) return;
    chunks.push(chunk.subarray(0, REPLY_BYTES_MAX - length));
    length = Math.min(REPLY_BYTES_MAX, length + chunk.length);
    if (length < REPLY_BYTES_MAX) return;
    finish();
    response.destroy();
  });
  response.on('end', () => {
    if (length < REPLY_BYTES_MAX) finish();
  });
}
