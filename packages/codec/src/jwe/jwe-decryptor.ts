import { createSecretKey, type KeyObject } from 'node:crypto';
import { decodeBase64url } from './base64url.ts';
import { parseCompact } from './compact-jwe.ts';
import { open } from './content-encryption.ts';
import { JweError } from './jwe-error.ts';
import { checkHeader, readHeader } from './jwe-header.ts';
import type { JweKey } from './jwe-key.ts';

/** What was in a token. */
export interface JweContent {
  readonly plaintext: Buffer;
  /** The header's `cty`. */
  readonly contentType: string | undefined;
}

/** A content key, as many tokens share it. */
interface OpenedKey {
  readonly contentKey: KeyObject;
  readonly contentType: string | undefined;
  readonly aad: Buffer;
}

/** Content keys, and reasons why there is none, that are kept. */
const OPENED_MAX = 1_024;

/**
 * Opens compact JWEs with the keys at hand. Content keys are remembered, so that the tokens of one run cost no more than
 * AES-GCM each. A header only chooses a key by its name: with which algorithm it works is the key's own.
 */
export class JweDecryptor {
  readonly #keys: ReadonlyMap<string, JweKey>;
  readonly #opened = new Map<string, OpenedKey | JweError>();

  constructor(keys: readonly JweKey[]) {
    this.#keys = new Map(keys.map((key) => [key.kid, key]));
  }

  /** Undefined for what is no compact JWE at all; an error, not thrown, for one that cannot be opened. */
  decrypt(text: string): JweContent | JweError | undefined {
    const parts = parseCompact(text);
    if (parts === undefined) return undefined;
    const opened = this.#opened.get(parts.prefix) ?? this.#remember(parts.prefix, parts);
    if (opened instanceof JweError) return opened;
    const [iv, ciphertext, tag] = [parts.iv, parts.ciphertext, parts.tag].map(decodeBase64url);
    if (iv === undefined || ciphertext === undefined || tag === undefined) return NO_BASE64URL;
    const plaintext = open(opened.contentKey, { iv, aad: opened.aad, ciphertext, tag });
    return plaintext === undefined ? ALTERED : { plaintext, contentType: opened.contentType };
  }

  #remember(prefix: string, parts: { readonly header: string; readonly encryptedKey: string }): OpenedKey | JweError {
    // Prefixes come from outside and could be without end; the oldest goes.
    if (this.#opened.size >= OPENED_MAX) this.#opened.delete(this.#opened.keys().next().value!);
    let opened: OpenedKey | JweError;
    try {
      opened = this.#open(parts);
    } catch (error) {
      if (!(error instanceof JweError)) throw error;
      opened = error;
    }
    this.#opened.set(prefix, opened);
    return opened;
  }

  #open(parts: { readonly header: string; readonly encryptedKey: string }): OpenedKey {
    const header = readHeader(parts.header);
    const key = typeof header.kid === 'string' ? this.#keys.get(header.kid) : undefined;
    if (key === undefined) throw new JweError('UNKNOWN_KEY', 'it is for a key that is not at hand');
    if (!key.canDecrypt) throw new JweError('UNKNOWN_KEY', `of the key "${key.kid}" only the public half is at hand`);
    if (header.alg !== key.algorithm) throw new JweError('UNSUPPORTED', `"alg" is not ${key.algorithm}, the key's own`);
    checkHeader(header);
    const encryptedKey = decodeBase64url(parts.encryptedKey);
    const bytes = encryptedKey && key.unwrap(header, encryptedKey);
    if (bytes === undefined) throw new JweError('ALTERED', 'its content key was not made for the key it names');
    const contentKey = createSecretKey(bytes);
    return { contentKey, contentType: header.cty as string | undefined, aad: Buffer.from(parts.header) };
  }
}

// Made once: an error costs more than the decryption, and these say nothing of their token.
const NO_BASE64URL = new JweError('MALFORMED', 'a part is no base64url');
const ALTERED = new JweError('ALTERED', 'it does not authenticate: changed on its way, or made with another key');
