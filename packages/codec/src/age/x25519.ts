import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';

/** Bytes of an X25519 public key, private key and shared secret (RFC 7748). */
export const X25519_BYTES = 32;

/** A private key of 32 bytes as Node wants it. It does not show its bytes when it is logged, and may be sent to workers. */
export function x25519PrivateKey(secret: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, secret]), format: 'der', type: 'pkcs8' });
}

/** The 32 bytes of a private key. */
export function x25519SecretBytes(privateKey: KeyObject): Uint8Array {
  return Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url');
}

/** X25519(private key, 9): the public key of 32 bytes. */
export function x25519PublicBytes(privateKey: KeyObject): Uint8Array {
  return Uint8Array.from(Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x!, 'base64url'));
}

/** X25519(private key, point); undefined if the result is all zero, which age must refuse (a point of low order). */
export function x25519Shared(privateKey: KeyObject, point: Uint8Array): Uint8Array | undefined {
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, point]), format: 'der', type: 'spki' });
  try {
    const shared = diffieHellman({ privateKey, publicKey });
    return shared.every((byte) => byte === 0) ? undefined : shared;
  } catch {
    // OpenSSL's way to say that the result is all zero; keys of the right length fail for no other reason.
    return undefined;
  }
}

/** The ASN.1 around the 32 bytes (RFC 8410 sections 4 and 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');
