import type { CorsConfig } from './http-server-config.ts';
import type { RequestHead } from './http-message.ts';

/** Request headers that need no permission (Fetch standard), and those that the Collector always allows. */
const SAFE_HEADERS = ['accept', 'accept-language', 'content-type', 'content-language', 'origin'];
const METHODS = new Set(['GET', 'POST', 'HEAD']);

/** Cross-origin access as the Collector grants it (rs/cors with credentials): Fetch standard, section 3.2. */
export class Cors {
  readonly #config: CorsConfig;
  readonly #origins: readonly { readonly prefix: string; readonly suffix: string | undefined }[];
  readonly #headers: ReadonlySet<string>;
  readonly #allOrigins: boolean;
  readonly #allHeaders: boolean;

  constructor(config: CorsConfig) {
    this.#config = config;
    this.#origins = config.allowed_origins.map(originPattern);
    this.#allOrigins = config.allowed_origins.includes('*');
    this.#allHeaders = config.allowed_headers.includes('*');
    const listed = config.allowed_headers.length === 0 ? ['x-requested-with'] : config.allowed_headers;
    this.#headers = new Set([...SAFE_HEADERS, ...listed.map((name) => name.toLowerCase())]);
  }

  isPreflight(head: RequestHead): boolean {
    return head.method === 'OPTIONS' && head.headers['access-control-request-method'] !== undefined;
  }

  /** Headers of the answer to a preflight request; without those of the grant when it is refused. */
  preflight(head: RequestHead): Record<string, string> {
    const vary = { vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers' };
    const origin = this.#allowedOrigin(head);
    const method = head.headers['access-control-request-method']?.toUpperCase() ?? '';
    const wanted = head.headers['access-control-request-headers'] ?? '';
    if (origin === undefined || !METHODS.has(method) || !this.#allowsHeaders(wanted)) return vary;
    return {
      ...vary,
      'access-control-allow-origin': origin,
      'access-control-allow-methods': method,
      ...(wanted === '' ? {} : { 'access-control-allow-headers': wanted }),
      'access-control-allow-credentials': 'true',
      ...(this.#config.max_age > 0 ? { 'access-control-max-age': String(this.#config.max_age) } : {}),
    };
  }

  /** Headers of every other response. */
  actual(head: RequestHead): Record<string, string> {
    const origin = this.#allowedOrigin(head);
    if (origin === undefined) return { vary: 'Origin' };
    const exposed = this.#config.exposed_headers;
    return {
      vary: 'Origin',
      'access-control-allow-origin': origin,
      ...(exposed.length === 0 ? {} : { 'access-control-expose-headers': exposed.join(', ') }),
      'access-control-allow-credentials': 'true',
    };
  }

  #allowedOrigin({ headers }: RequestHead): string | undefined {
    const { origin } = headers;
    if (origin === undefined) return undefined;
    if (this.#allOrigins) return '*';
    const lower = origin.toLowerCase();
    return this.#origins.some((pattern) => matches(pattern, lower)) ? origin : undefined;
  }

  #allowsHeaders(list: string): boolean {
    if (this.#allHeaders) return true;
    return list.split(',').every((name) => name.trim() === '' || this.#headers.has(name.trim().toLowerCase()));
  }
}

/** The first `*` of an allowed origin stands for any characters, as in rs/cors. */
function originPattern(origin: string): { prefix: string; suffix: string | undefined } {
  const lower = origin.toLowerCase();
  const star = lower.indexOf('*');
  if (star === -1) return { prefix: lower, suffix: undefined };
  return { prefix: lower.slice(0, star), suffix: lower.slice(star + 1) };
}

function matches({ prefix, suffix }: { prefix: string; suffix: string | undefined }, origin: string): boolean {
  if (suffix === undefined) return origin === prefix;
  return origin.length >= prefix.length + suffix.length && origin.startsWith(prefix) && origin.endsWith(suffix);
}
