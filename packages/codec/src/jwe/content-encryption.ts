import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';

/** Bytes of an A256GCM key, IV and tag (RFC 7518 section 5.3). */
export const KEY_BYTES = 32;
export const IV_BYTES = 12;
export const TAG_BYTES = 16;

/**
 * AES-256-GCM with the key of one message or of many; `aad` is authenticated along with the content. A KeyObject, as Node takes
 * ten microseconds to make one of bytes, each time: benchmarks/micro/encrypt.
 */
export function seal(
  key: KeyObject,
  { iv, aad, plaintext }: { readonly iv: Uint8Array; readonly aad: Uint8Array; readonly plaintext: Uint8Array },
): { readonly ciphertext: Buffer; readonly tag: Buffer } {
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  const ciphertext = cipher.update(plaintext);
  // GCM is a stream: nothing is left for the end.
  cipher.final();
  return { ciphertext, tag: cipher.getAuthTag() };
}

/** Undefined where it does not authenticate. */
export function open(
  key: KeyObject,
  sealed: {
    readonly iv: Uint8Array;
    readonly aad: Uint8Array;
    readonly ciphertext: Uint8Array;
    readonly tag: Uint8Array;
  },
): Buffer | undefined {
  if (sealed.iv.length !== IV_BYTES || sealed.tag.length !== TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(sealed.aad);
  decipher.setAuthTag(sealed.tag);
  const plaintext = decipher.update(sealed.ciphertext);
  try {
    decipher.final();
    return plaintext;
  } catch {
    return undefined;
  }
}
