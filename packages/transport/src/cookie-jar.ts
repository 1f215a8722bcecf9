/** Most cookies that are kept of a server. */
const COOKIES_MAX = 50;

/** Cookies of one server for its own requests (RFC 6265 without domains and paths: a client has one endpoint). */
export class CookieJar {
  readonly #cookies = new Map<string, { readonly value: string; readonly expiresAtMs: number }>();

  /** Keeps what a response sets. */
  store(setCookie: readonly string[] | undefined, nowMs: number): void {
    for (const line of setCookie ?? []) {
      const [pair, ...attributes] = line.split(';');
      const split = pair.indexOf('=');
      if (split <= 0) continue;
      const name = pair.slice(0, split).trim();
      const expiresAtMs = expiry(attributes, nowMs);
      this.#cookies.delete(name);
      if (expiresAtMs <= nowMs) continue;
      this.#cookies.set(name, { value: pair.slice(split + 1).trim(), expiresAtMs });
      const oldest = this.#cookies.keys().next();
      if (this.#cookies.size > COOKIES_MAX && oldest.done !== true) this.#cookies.delete(oldest.value);
    }
  }

  /** Value of the `cookie` header; undefined when there is nothing to send. */
  header(nowMs: number): string | undefined {
    const live = [...this.#cookies].filter(([, { expiresAtMs }]) => expiresAtMs > nowMs);
    return live.length === 0 ? undefined : live.map(([name, { value }]) => `${name}=${value}`).join('; ');
  }
}

/** `Max-Age` wins over `Expires`; without both a cookie lives as long as the client. */
function expiry(attributes: readonly string[], nowMs: number): number {
  let expiresAtMs = Number.POSITIVE_INFINITY;
  for (const attribute of attributes) {
    const [name, value = ''] = attribute.split('=', 2).map((part) => part.trim());
    if (name.toLowerCase() === 'max-age' && /^-?\d+$/.test(value)) return nowMs + Number(value) * 1000;
    if (name.toLowerCase() === 'expires' && !Number.isNaN(Date.parse(value))) expiresAtMs = Date.parse(value);
  }
  return expiresAtMs;
}
