import type { IncomingHttpHeaders } from 'node:http';
import type { Body, RequestHeaders } from '@millrace/api';

/** The part of a request that is known before its body. One for each request; the getters work when asked. */
export class RequestHead {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  /** Query without its question mark; empty when there is none. */
  readonly query: string;
  /** Lower-case names. */
  readonly headers: IncomingHttpHeaders;
  readonly #remote: RemoteEnd;
  readonly #includeMetadata: boolean;

  constructor(request: RequestLine, includeMetadata: boolean) {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    this.method = request.method ?? 'GET';
    this.path = mark === -1 ? url : url.slice(0, mark);
    this.query = mark === -1 ? '' : url.slice(mark + 1);
    this.headers = request.headers;
    this.#remote = request.socket;
    this.#includeMetadata = includeMetadata;
  }

  /** Content encoding in lower case; empty when the body is not encoded. */
  get encoding(): string {
    const value = this.headers['content-encoding'];
    if (value === undefined || value === '') return '';
    const name = value.trim().toLowerCase();
    return name === 'identity' ? '' : name;
  }

  /** Media type in lower case, without parameters; empty when there is none. */
  get mediaType(): string {
    const value = this.headers['content-type'] ?? '';
    const end = value.indexOf(';');
    return (end === -1 ? value : value.slice(0, end)).trim().toLowerCase();
  }

  /** Remote address without the port; undefined on unix sockets. */
  get address(): string | undefined {
    return remoteAddress(this.#remote);
  }

  /** The request's headers, where the server has `include_metadata`. */
  get metadata(): Readonly<Record<string, readonly string[]>> | undefined {
    return this.#includeMetadata ? metadataOf(this.headers) : undefined;
  }
}

interface RequestLine {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly socket: RemoteEnd;
}

export interface RemoteEnd {
  readonly remoteAddress?: string | undefined;
}

/** IPv4 addresses of dual-stack sockets are shown as such. */
export function remoteAddress(socket: RemoteEnd): string | undefined {
  const address = socket.remoteAddress;
  return address?.startsWith('::ffff:') === true && address.includes('.') ? address.slice(7) : address;
}

/** Headers as lists of values; HTTP/2's pseudo-headers are left out. */
export function metadataOf(headers: RequestHeaders): Record<string, readonly string[]> {
  const result: Record<string, readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(':')) continue;
    result[name] = typeof value === 'string' ? [value] : value;
  }
  return result;
}

/** What a route answers. */
export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** Why a request is not served; rendered by the server's owner in its protocol's form. */
export interface HttpFailure {
  readonly status: number;
  readonly message: string;
  /** Becomes the `Retry-After` header. */
  readonly retryAfterMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the server does with requests for one path. Nothing is called twice for one request. */
export interface HttpRoute {
  /** Methods in upper case; every other one is answered with 405. Absent: any method. */
  readonly methods?: readonly string[];
  /** Looks at the head first; a failure ends the request before its body is read. */
  refuse?(head: RequestHead): HttpFailure | undefined;
  /**
   * Asks for room before the body is read. Throwing a DeliveryError refuses the request (429 or 503). Without it,
   * bodies are read and forgotten.
   */
  admit?(head: RequestHead, expectedBytes: number | undefined): Body;
  /** Answers a whole request. Owns `body` from now on: passes it to `consume` or releases it, whatever happens. */
  handle(head: RequestHead, body: Body | undefined): HttpResponse | Promise<HttpResponse>;
}
