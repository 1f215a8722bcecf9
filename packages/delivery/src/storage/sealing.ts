import { createCipheriv, createDecipheriv, createHash, createSecretKey, hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { ComponentError } from '@millrace/api';
import { KEY_ID_BYTES } from './segment-header.ts';
import type { SegmentHeader } from './segment-header.ts';

export const STORAGE_KEY_BYTES = 32;
export const TAG_BYTES = 16;
const COPY_BYTES_MAX = 16 * 1024;
const NO_KEY = new Uint8Array(KEY_ID_BYTES);

/** Keys from the configuration: the first one encrypts, all of them decrypt. None: new segments are in clear. */
export class StorageKeys {
  readonly #keys: readonly { readonly id: Uint8Array; readonly key: Uint8Array }[];

  constructor(keys: readonly Uint8Array[]) {
    for (const key of keys) {
      if (key.length === STORAGE_KEY_BYTES) continue;
      throw new ComponentError(`an encryption key of the storage has ${key.length} bytes, must have 32`, {
        code: 'STORAGE_KEY_INVALID',
        remedy: 'Make one with: openssl rand -base64 32',
      });
    }
    this.#keys = keys.map((key) => ({ key, id: keyIdOf(key) }));
  }

  /** Whether new segments are encrypted. */
  get encrypts(): boolean {
    return this.#keys.length > 0;
  }

  /** The id of the key for new segments. */
  get currentId(): Uint8Array {
    return this.#keys[0]?.id ?? NO_KEY;
  }

  /** Undefined for a segment in clear. Throws a ComponentError when the key is not known. */
  cipherFor(header: SegmentHeader, path: string): SegmentCipher | undefined {
    const wanted = Buffer.from(header.keyId);
    if (wanted.equals(NO_KEY)) return undefined;
    const found = this.#keys.find(({ id }) => wanted.equals(id));
    if (found !== undefined) return new SegmentCipher(found.key, header);
    const configured = this.#keys.map(({ id }) => Buffer.from(id).toString('hex')).join(', ') || 'none';
    throw new ComponentError(
      `${path} is encrypted with the key ${wanted.toString('hex')}, which is not configured (configured: ${configured})`,
      {
        code: 'STORAGE_KEY_WRONG',
        remedy: 'Add the key that the directory was written with, or name another directory.',
      },
    );
  }
}

/** A name for a key that says nothing about it. */
export function keyIdOf(key: Uint8Array): Uint8Array {
  return createHash('sha256').update('millrace storage key id\n').update(key).digest().subarray(0, KEY_ID_BYTES);
}

/**
 * Encrypts and decrypts the bodies of one segment's records: AES-256-GCM with a key of the segment's own, derived with
 * HKDF from the configured one and the segment's random salt. The nonce is the record's offset. No offset of a segment
 * is written twice (after a failure or a restart the store begins a new segment), so that no nonce is used twice.
 */
export class SegmentCipher {
  readonly #key: KeyObject;

  constructor(key: Uint8Array, header: SegmentHeader) {
    const info = Buffer.concat([Buffer.from('millrace storage segment\n'), header.storeId, Buffer.alloc(4)]);
    info.writeUInt32LE(header.segment, info.length - 4);
    this.#key = createSecretKey(Buffer.from(hkdfSync('sha256', key, header.salt, info, 32)));
  }

  /** The encrypted parts and the tag. `context` is authenticated with them. */
  seal(offset: number, parts: readonly Uint8Array[], context: Uint8Array): Buffer[] {
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonceOf(offset));
    cipher.setAAD(context);
    // A call costs more than copying a little.
    const small = parts.length > 1 && parts.every(({ length }) => length < COPY_BYTES_MAX);
    const sealed = small ? [cipher.update(Buffer.concat(parts))] : parts.map((part) => cipher.update(part));
    cipher.final();
    sealed.push(cipher.getAuthTag());
    return sealed;
  }

  /** Undefined when it was not sealed with this key, at this offset, in this context. */
  unseal(offset: number, sealed: Uint8Array, context: Uint8Array): Buffer | undefined {
    if (sealed.length < TAG_BYTES) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonceOf(offset), { authTagLength: TAG_BYTES });
    decipher.setAAD(context);
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    try {
      const clear = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
      decipher.final();
      return clear;
    } catch {
      return undefined;
    }
  }
}

function nonceOf(offset: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32LE(offset);
  return nonce;
}
