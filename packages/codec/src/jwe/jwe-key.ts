import { constants, createPublicKey, type KeyObject, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto';
import { decodeBase64url } from './base64url.ts';
import { IV_BYTES, KEY_BYTES, open, seal } from './content-encryption.ts';
import type { JweAlgorithm, JweHeader } from './jwe-header.ts';
import { unwrapAsOwner, wrapForOwner } from './key-agreement.ts';
import { unwrapKey, wrapKey } from './key-wrap.ts';

/** A content key as a token carries it. */
export interface WrappedKey {
  readonly encryptedKey: Buffer;
  /** What the header says about it. */
  readonly header: JweHeader;
}

/** A key with a name, for one algorithm only: a token cannot choose another. Never shows its bytes. */
export class JweKey {
  readonly kid: string;
  readonly algorithm: JweAlgorithm;
  readonly #key: KeyObject;

  /** @internal `parseJweKey` makes them, and checks that key and algorithm fit. */
  constructor(kid: string, algorithm: JweAlgorithm, key: KeyObject) {
    this.kid = kid;
    this.algorithm = algorithm;
    this.#key = key;
  }

  /** False for a public key: who holds nothing else cannot read what it wrote. */
  get canDecrypt(): boolean {
    return this.#key.type !== 'public';
  }

  /** The content key of a new run of messages: made at random, or for `dir` the key itself. */
  newContentKey(): Buffer {
    return this.algorithm === 'dir' ? this.#key.export() : randomBytes(KEY_BYTES);
  }

  wrap(contentKey: Uint8Array): WrappedKey {
    switch (this.algorithm) {
      case 'dir':
        return { encryptedKey: Buffer.alloc(0), header: {} };
      case 'A256KW':
        return { encryptedKey: wrapKey(this.#key.export(), contentKey), header: {} };
      case 'A256GCMKW':
        return wrapWithGcm(this.#key, contentKey);
      case 'ECDH-ES+A256KW':
        return wrapForOwner(this.#key.type === 'private' ? createPublicKey(this.#key) : this.#key, contentKey);
      case 'RSA-OAEP-256':
        return { encryptedKey: publicEncrypt({ key: this.#key, ...OAEP }, contentKey), header: {} };
    }
  }

  /** Undefined where it was not made for this key. */
  unwrap(header: JweHeader, encryptedKey: Uint8Array): Buffer | undefined {
    switch (this.algorithm) {
      case 'dir':
        return encryptedKey.length === 0 ? this.#key.export() : undefined;
      case 'A256KW':
        return unwrapKey(this.#key.export(), encryptedKey);
      case 'A256GCMKW':
        return unwrapWithGcm(this.#key, header, encryptedKey);
      case 'ECDH-ES+A256KW':
        return unwrapAsOwner(this.#key, header, encryptedKey);
      case 'RSA-OAEP-256':
        return unwrapWithRsa(this.#key, encryptedKey);
    }
  }
}

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const;
const NOTHING = new Uint8Array(0);

function unwrapWithRsa(key: KeyObject, encryptedKey: Uint8Array): Buffer | undefined {
  try {
    const contentKey = privateDecrypt({ key, ...OAEP }, encryptedKey);
    return contentKey.length === KEY_BYTES ? contentKey : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 7518 section 4.7: the IV and the tag stand in the header. */
function wrapWithGcm(key: KeyObject, contentKey: Uint8Array): WrappedKey {
  const iv = randomBytes(IV_BYTES);
  const { ciphertext, tag } = seal(key, { iv, aad: NOTHING, plaintext: contentKey });
  return { encryptedKey: ciphertext, header: { iv: iv.toString('base64url'), tag: tag.toString('base64url') } };
}

function unwrapWithGcm(key: KeyObject, header: JweHeader, encryptedKey: Uint8Array): Buffer | undefined {
  const { iv, tag } = header;
  if (typeof iv !== 'string' || typeof tag !== 'string' || encryptedKey.length !== KEY_BYTES) return undefined;
  const [ivBytes, tagBytes] = [decodeBase64url(iv), decodeBase64url(tag)];
  if (ivBytes === undefined || tagBytes === undefined) return undefined;
  return open(key, { iv: ivBytes, aad: NOTHING, ciphertext: encryptedKey, tag: tagBytes });
}
