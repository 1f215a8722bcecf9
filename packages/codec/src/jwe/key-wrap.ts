import { createCipheriv, createDecipheriv } from 'node:crypto';

/** AES key wrap with 256 bits (RFC 3394), with its default initial value. */
const CIPHER = 'id-aes256-wrap';
const INITIAL_VALUE = Buffer.alloc(8, 0xa6);
/** A wrapped key of 32 bytes. */
const WRAPPED_BYTES = 40;

export function wrapKey(wrapping: Uint8Array, key: Uint8Array): Buffer {
  const cipher = createCipheriv(CIPHER, wrapping, INITIAL_VALUE);
  return Buffer.concat([cipher.update(key), cipher.final()]);
}

/** Undefined where it was wrapped with another key, or is no key of 32 bytes. */
export function unwrapKey(wrapping: Uint8Array, wrapped: Uint8Array): Buffer | undefined {
  if (wrapped.length !== WRAPPED_BYTES) return undefined;
  try {
    const decipher = createDecipheriv(CIPHER, wrapping, INITIAL_VALUE);
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  } catch {
    return undefined;
  }
}
