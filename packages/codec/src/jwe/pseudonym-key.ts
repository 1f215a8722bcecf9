import { createHmac, type KeyObject } from 'node:crypto';

/** HMAC with SHA-256, by its name in JWKs (RFC 7518 section 3.1). */
export const PSEUDONYM_ALGORITHM = 'HS256';
/** As RFC 7518 section 3.2 demands. */
export const PSEUDONYM_KEY_BYTES_MIN = 32;

/** Bytes of the MAC that a pseudonym may keep. With 16, two of 2^50 values meet with a probability of 2^-29. */
export const PSEUDONYM_BYTES_MIN = 16;
export const PSEUDONYM_BYTES_MAX = 32;

/**
 * Makes pseudonyms: the same value always gets the same one, so that records can be joined by it, and nobody without the key
 * can make it or find the value by trying.
 *
 * `hs256.<kid>.<base64url(the first bytes of HMAC-SHA-256(key, value))>`, as
 * `printf %s VALUE | openssl dgst -sha256 -mac HMAC -macopt hexkey:KEY -binary | head -c 16 | basenc --base64url` makes it.
 */
export class PseudonymKey {
  readonly kid: string;
  readonly algorithm = PSEUDONYM_ALGORITHM;
  readonly #key: KeyObject;
  readonly #prefix: string;

  constructor(kid: string, key: KeyObject) {
    this.kid = kid;
    this.#key = key;
    this.#prefix = `hs256.${kid}.`;
  }

  pseudonymOf(value: Uint8Array, bytes: number): string {
    const mac = createHmac('sha256', this.#key).update(value).digest();
    return this.#prefix + mac.toString('base64url', 0, bytes);
  }

  /** Whether a text has the form of a pseudonym that this key made. */
  hasMade(text: string): boolean {
    return text.startsWith(this.#prefix) && MAC.test(text.slice(this.#prefix.length));
  }
}

/** 16 to 32 bytes. */
const MAC = /^[\w-]{22,43}$/;
