import type { Agent as PlainAgent, ClientRequest, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type Clock, type Logger, messageOf } from '@millrace/api';
import { loadClientTls, namesTls, type TlsClientConfig } from '@millrace/transport';
import type { CacheValue } from '../cache/cache-entry.ts';
import { parseJson } from '../table/parse-json.ts';
import { valueAt } from './json-pointer.ts';
import type { Finding, RemoteSource } from './lookup-source.ts';

/** An import of node:http would load all of undici. */
const { Agent: HttpAgent, request: httpRequest } = process.getBuiltinModule('node:http');

export interface HttpSourceOptions {
  /** With `{key}` where the key goes. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly bodyBytesMax: number;
  /** A JSON pointer into answers. */
  readonly pointer: string;
  readonly tls: TlsClientConfig;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Statuses that mean: there is nothing under this key. */
const NOTHING = new Set([204, 404, 410]);
/** Of lists and objects. Caches go through values step by step. */
const NESTING_MAX = 64;
/** Paths that a URL's parser would take away, with the segment before. */
const DOTS = /^\.{1,2}$/;

/** Asks a server with GET, one request a key, for JSON. */
export class HttpSource implements RemoteSource {
  readonly kind = 'remote';
  readonly concurrency: number;
  readonly #options: HttpSourceOptions;
  readonly #isSecure: boolean;
  readonly #plain: PlainAgent;
  readonly #secure: HttpsAgent;
  #cancelReload: (() => void) | undefined;

  constructor(options: HttpSourceOptions) {
    const pool = { keepAlive: true, maxSockets: options.concurrency, proxyEnv: process.env };
    this.#options = options;
    this.concurrency = options.concurrency;
    this.#isSecure = options.url.startsWith('https:');
    this.#plain = new HttpAgent(pool);
    this.#secure = new HttpsAgent(pool);
  }

  async start(): Promise<void> {
    const { tls } = this.#options;
    if (this.#isSecure || namesTls(tls)) await this.#loadTls();
    this.#armReload(tls.reload_interval ?? 0);
  }

  stop(): void {
    this.#cancelReload?.();
    this.#plain.destroy();
    this.#secure.destroy();
  }

  async ask(key: string): Promise<Finding> {
    if (DOTS.test(key)) return undefined;
    // A lone surrogate has no UTF-8; servers that know such a key do not exist.
    if (!key.isWellFormed()) return undefined;
    const url = this.#options.url.replaceAll('{key}', () => encodeURIComponent(key));
    const { status, body } = await this.#get(url);
    if (NOTHING.has(status)) return undefined;
    if (status !== 200) throw new Error(`the server answered with status ${status}`);
    const value = valueAt(parseBody(body), this.#options.pointer);
    if (value !== undefined && isDeeper(value, NESTING_MAX)) throw new Error('the answer is nested too deeply');
    return value === null ? undefined : value;
  }

  async #loadTls(): Promise<void> {
    const { tls, logger } = this.#options;
    Object.assign(this.#secure.options, await loadClientTls(tls, logger));
  }

  #armReload(intervalMs: number): void {
    if (intervalMs === 0) return;
    const { clock, logger } = this.#options;
    this.#cancelReload = clock.after(intervalMs, () => {
      this.#loadTls().catch((error: unknown) =>
        logger.error('TLS certificates cannot be reloaded; the old ones stay in use', { error: messageOf(error) }),
      );
      this.#armReload(intervalMs);
    });
  }

  /** Once more where the server closed a pooled connection just when it was used again. */
  async #get(url: string): Promise<Answer> {
    try {
      return await this.#attempt(url);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      return this.#attempt(url);
    }
  }

  #attempt(url: string): Promise<Answer> {
    const { clock, timeoutMs, bodyBytesMax } = this.#options;
    return new Promise((resolve, reject) => {
      const request = this.#open(url);
      const cancel = clock.after(timeoutMs, () => {
        request.destroy(new Error(`the server did not answer within ${timeoutMs} ms`));
      });
      const fail = (error: Error): void => {
        cancel();
        request.destroy();
        reject(isStale(request, error) ? new StaleConnection(error.message) : error);
      };
      request.on('error', fail);
      request.on('response', (response) => {
        response.on('error', fail);
        readBody(response, bodyBytesMax, fail, (body) => {
          cancel();
          resolve({ status: response.statusCode ?? 0, body });
        });
      });
      request.end();
    });
  }

  #open(url: string): ClientRequest {
    const { headers, userAgent } = this.#options;
    const options = { method: 'GET', headers: { accept: 'application/json', 'user-agent': userAgent, ...headers } };
    return this.#isSecure
      ? httpsRequest(url, { ...options, agent: this.#secure })
      : httpRequest(url, { ...options, agent: this.#plain });
  }
}

class StaleConnection extends Error {}

function isStale(request: ClientRequest, { code }: NodeJS.ErrnoException): boolean {
  return request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
}

interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

function readBody(
  response: IncomingMessage,
  bytesMax: number,
  fail: (error: Error) => void,
  done: (body: Uint8Array) => void,
): void {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  response.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > bytesMax) fail(new Error(`the server's answer is larger than ${bytesMax} bytes`));
    else chunks.push(chunk);
  });
  response.on('end', () => {
    if (bytes <= bytesMax) done(Buffer.concat(chunks));
  });
}

function parseBody(body: Uint8Array) {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new Error(`the server's answer is no JSON: ${messageOf(cause)}`, { cause });
  }
}

function isDeeper(value: CacheValue, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each: CacheValue) => isDeeper(each, levels - 1));
}
