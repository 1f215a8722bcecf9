import { createPublicKey, diffieHellman, generateKeyPairSync, type JsonWebKeyInput, type KeyObject } from 'node:crypto';
import { decodeBase64url } from './base64url.ts';
import { concatKdf } from './concat-kdf.ts';
import type { JweHeader } from './jwe-header.ts';
import { unwrapKey, wrapKey } from './key-wrap.ts';

const ALGORITHM = 'ECDH-ES+A256KW';
const NOTHING = new Uint8Array(0);

/** Curves of key agreement, by Node's names. */
export type Curve = 'P-256' | 'X25519';

/** The curve of a key; undefined for other kinds of keys. */
export function curveOf(key: KeyObject): Curve | undefined {
  if (key.asymmetricKeyType === 'x25519') return 'X25519';
  if (key.asymmetricKeyType !== 'ec') return undefined;
  return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'P-256' : undefined;
}

/** Wraps a content key for the owner of `publicKey` (RFC 7518 section 4.6), with a pair of keys made for this only. */
export function wrapForOwner(
  publicKey: KeyObject,
  contentKey: Uint8Array,
): { readonly encryptedKey: Buffer; readonly header: JweHeader } {
  const pair =
    curveOf(publicKey) === 'X25519'
      ? generateKeyPairSync('x25519')
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const secret = diffieHellman({ privateKey: pair.privateKey, publicKey });
  const wrapping = concatKdf(secret, { algorithm: ALGORITHM, apu: NOTHING, apv: NOTHING });
  const { kty, crv, x, y } = pair.publicKey.export({ format: 'jwk' });
  return { encryptedKey: wrapKey(wrapping, contentKey), header: { epk: { kty, crv, x, y } } };
}

/** The other way round; undefined where it was not made for this key, or breaks the format. */
export function unwrapAsOwner(privateKey: KeyObject, header: JweHeader, encryptedKey: Uint8Array): Buffer | undefined {
  const [apu, apv] = [partyOf(header.apu), partyOf(header.apv)];
  const publicKey = oneTimeKey(header.epk);
  // The same curve, as otherwise the secret would not be one.
  if (apu === undefined || apv === undefined || publicKey === undefined) return undefined;
  if (curveOf(publicKey) !== curveOf(privateKey)) return undefined;
  let secret: Buffer;
  try {
    secret = diffieHellman({ privateKey, publicKey });
  } catch {
    // A point of low order: the result would be all zero.
    return undefined;
  }
  return unwrapKey(concatKdf(secret, { algorithm: ALGORITHM, apu, apv }), encryptedKey);
}

/** OpenSSL refuses points that are not on the curve. */
function oneTimeKey(epk: unknown): KeyObject | undefined {
  if (typeof epk !== 'object' || epk === null) return undefined;
  const { kty, crv, x, y } = epk as Record<string, unknown>;
  try {
    return createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' } as JsonWebKeyInput);
  } catch {
    return undefined;
  }
}

function partyOf(text: unknown): Uint8Array | undefined {
  if (text === undefined) return NOTHING;
  return typeof text === 'string' ? decodeBase64url(text) : undefined;
}
