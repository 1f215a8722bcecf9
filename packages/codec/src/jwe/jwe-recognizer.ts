import { parseCompact } from './compact-jwe.ts';
import { JweError } from './jwe-error.ts';
import { CONTENT_ENCRYPTION, readHeader } from './jwe-header.ts';
import type { JweKey } from './jwe-key.ts';

const HEADERS_MAX = 1_024;

/** Tells whether a text is a compact JWE for one of some keys, by its form and header; nothing is decrypted. */
export class JweRecognizer {
  readonly #keys: ReadonlyMap<string, JweKey>;
  readonly #known = new Map<string, boolean>();

  constructor(keys: readonly JweKey[]) {
    this.#keys = new Map(keys.map((key) => [key.kid, key]));
  }

  isOurs(text: string): boolean {
    const parts = parseCompact(text);
    if (parts === undefined) return false;
    const known = this.#known.get(parts.header);
    if (known !== undefined) return known;
    // Headers come from outside and could be without end; the oldest goes.
    if (this.#known.size >= HEADERS_MAX) this.#known.delete(this.#known.keys().next().value!);
    const isOurs = this.#isHeaderOurs(parts.header);
    this.#known.set(parts.header, isOurs);
    return isOurs;
  }

  #isHeaderOurs(part: string): boolean {
    try {
      const { kid, alg, enc } = readHeader(part);
      const key = typeof kid === 'string' ? this.#keys.get(kid) : undefined;
      return key !== undefined && alg === key.algorithm && enc === CONTENT_ENCRYPTION;
    } catch (error) {
      if (error instanceof JweError) return false;
      throw error;
    }
  }
}
