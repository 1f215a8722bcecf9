import type { Lifecycle } from './component.ts';

/** Headers of a request, with lower-case names. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A running extension that the `auth` of servers may name; they find it through `host.extension`. */
export interface ServerAuthenticator extends Lifecycle {
  /** For `WWW-Authenticate` (RFC 9110, section 11.6.1). */
  readonly challenge: string;
  /**
   * Says why a request may not pass; undefined lets it. Called for each request, before its body is read, and must be
   * quick. Compares in constant time, and repeats nothing that the sender sent.
   */
  refuse(headers: RequestHeaders): string | undefined;
}

/** A running extension that the `auth` of clients may name; they find it through `host.extension`. */
export interface ClientAuthenticator extends Lifecycle {
  /** Headers for the next request, with lower-case names. Called for each, as credentials may change. */
  credentials(): Readonly<Record<string, string>>;
}
