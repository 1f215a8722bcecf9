import { createSecretKey, type KeyObject, randomFillSync } from 'node:crypto';
import { IV_BYTES, seal } from './content-encryption.ts';
import { JweError } from './jwe-error.ts';
import { CONTENT_ENCRYPTION, type JweHeader, writeHeader } from './jwe-header.ts';
import type { JweKey, WrappedKey } from './jwe-key.ts';

/** Messages that one GCM key may encrypt with random IVs (NIST SP 800-38D section 8.3). */
export const CONTENT_KEY_USES_MAX = 2 ** 32;

export interface JweEncryptorOptions {
  /** Messages after which a new content key is made; at most {@link CONTENT_KEY_USES_MAX}. */
  readonly usesMax: number;
  /** Age at which a new content key is made, in milliseconds. */
  readonly ageMsMax: number;
}

/** What all messages of a content key with one content type begin with. */
interface Opening {
  readonly aad: Buffer;
  /** `header.encryptedKey.` */
  readonly text: string;
}

/** IVs are drawn in bulk: one call for 12 bytes costs about as much as the encryption. benchmarks/micro/encrypt. */
const IVS_DRAWN = 256;

/**
 * Makes compact JWEs for one key. A content key is made and wrapped once and then used for many messages, each with an IV of
 * its own, so that a message costs no more than AES-GCM. Any reader of JWE opens them; one can tell which messages have the
 * same content key, that is, come from the same process at about the same time.
 *
 * With `dir` the key itself encrypts, and is never replaced: all who hold it share its 2^32 messages, of which only those of
 * this encryptor are counted.
 */
export class JweEncryptor {
  readonly key: JweKey;
  readonly #options: JweEncryptorOptions;
  readonly #openings = new Map<string | undefined, Opening>();
  readonly #ivs = Buffer.alloc(IVS_DRAWN * IV_BYTES);
  #ivAt = IVS_DRAWN * IV_BYTES;
  #contentKey: KeyObject | undefined;
  #wrapped: WrappedKey | undefined;
  #bornMs = 0;
  #nowMs = 0;
  #uses = 0;

  constructor(key: JweKey, options: JweEncryptorOptions) {
    this.key = key;
    this.#options = options;
  }

  /** Tells the time, in milliseconds from any start: before each run of messages. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.key.algorithm !== 'dir' && nowMs - this.#bornMs >= this.#options.ageMsMax) this.#contentKey = undefined;
  }

  /**
   * @param contentType the `cty` of the header; few different ones, as each is kept
   * @throws JweError `KEY_EXHAUSTED`, with `dir` only
   */
  encrypt(plaintext: Uint8Array, contentType?: string): string {
    const contentKey = this.#contentKeyInUse();
    const opening = this.#openings.get(contentType) ?? this.#open(contentType);
    this.#uses++;
    const iv = this.#nextIv();
    const { ciphertext, tag } = seal(contentKey, { iv, aad: opening.aad, plaintext });
    return `${opening.text}${iv.toString('base64url')}.${ciphertext.toString('base64url')}.${tag.toString('base64url')}`;
  }

  #contentKeyInUse(): KeyObject {
    if (this.#contentKey !== undefined && this.#uses < this.#options.usesMax) return this.#contentKey;
    if (this.#uses >= this.#options.usesMax && this.key.algorithm === 'dir') {
      const message = `the key "${this.key.kid}" has encrypted ${this.#uses} messages, all that it may with "dir"`;
      throw new JweError('KEY_EXHAUSTED', `${message}: use another key, or A256KW, which changes keys by itself`);
    }
    const bytes = this.key.newContentKey();
    const contentKey = createSecretKey(bytes);
    this.#contentKey = contentKey;
    this.#wrapped = this.key.wrap(bytes);
    this.#openings.clear();
    this.#uses = 0;
    this.#bornMs = this.#nowMs;
    return contentKey;
  }

  #open(contentType: string | undefined): Opening {
    const { encryptedKey, header: more } = this.#wrapped!;
    const { algorithm: alg, kid } = this.key;
    const header: JweHeader = { alg, enc: CONTENT_ENCRYPTION, kid, ...more };
    const written = writeHeader(contentType === undefined ? header : { ...header, cty: contentType });
    const opening = { aad: Buffer.from(written), text: `${written}.${encryptedKey.toString('base64url')}.` };
    this.#openings.set(contentType, opening);
    return opening;
  }

  #nextIv(): Buffer {
    if (this.#ivAt === this.#ivs.length) {
      randomFillSync(this.#ivs);
      this.#ivAt = 0;
    }
    const iv = this.#ivs.subarray(this.#ivAt, this.#ivAt + IV_BYTES);
    this.#ivAt += IV_BYTES;
    return iv;
  }
}
