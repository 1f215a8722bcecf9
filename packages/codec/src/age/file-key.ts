import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { AgeError, malformedHeader } from './age-error.ts';
import { decodeBase64, encodeBase64, type AgeHeader, type AgeStanza } from './age-header.ts';
import type { AgeIdentity, AgeRecipient } from './age-keys.ts';
import { X25519_BYTES, x25519PrivateKey, x25519PublicBytes, x25519Shared } from './x25519.ts';

/** Bytes of the key that a header wraps for its recipients. */
export const FILE_KEY_BYTES = 16;

/** Wraps `fileKey` for a recipient (https://age-encryption.org/v1, "X25519 recipient stanza"); the 32 bytes are of one use. */
export function wrapFileKey(fileKey: Uint8Array, recipient: AgeRecipient, ephemeralSecret: Uint8Array): AgeStanza {
  const ephemeral = x25519PrivateKey(ephemeralSecret);
  const share = x25519PublicBytes(ephemeral);
  const shared = x25519Shared(ephemeral, recipient.publicKey);
  if (shared === undefined)
    throw new AgeError('MALFORMED_KEY', 'age: recipient is a point of low order, not a real key');
  const cipher = createCipheriv(AEAD, wrapKey(shared, share, recipient.publicKey), ZERO_NONCE, {
    authTagLength: TAG_BYTES,
  });
  const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
  return { args: [X25519_TYPE, encodeBase64(share)], body };
}

/**
 * Finds the file key with the first identity that opens a stanza, and checks the header's MAC with it.
 * @throws AgeError `MALFORMED_HEADER`, `NO_MATCHING_IDENTITY`, or `ALTERED` if the MAC does not match
 */
export function unwrapFileKey(header: AgeHeader, identities: readonly AgeIdentity[]): Uint8Array {
  const types = header.stanzas.map((stanza) => stanza.args[0]);
  if (types.includes('scrypt') && types.length > 1) {
    throw malformedHeader('header mixes a passphrase with other recipients', 0);
  }
  const fileKey = findFileKey(header.stanzas, identities);
  if (fileKey === undefined) throw noMatch(types, identities.length);
  const offset = header.authenticated.byteLength - 3;
  if (!timingSafeEqual(headerMac(fileKey, header.authenticated), header.mac)) {
    throw new AgeError('ALTERED', `age: header does not match its MAC, at byte ${offset}`, { offset });
  }
  return fileKey;
}

/** HMAC-SHA-256 over the header's text up to and including `---`. */
export function headerMac(fileKey: Uint8Array, authenticated: Uint8Array | string): Uint8Array {
  return createHmac('sha256', deriveKey(fileKey, NOTHING, 'header'))
    .update(authenticated)
    .digest();
}

/** HKDF-SHA-256 (RFC 5869) to 32 bytes, the only derivation in age. */
export function deriveKey(input: Uint8Array, salt: Uint8Array, info: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', input, salt, info, 32));
}

function findFileKey(stanzas: readonly AgeStanza[], identities: readonly AgeIdentity[]): Uint8Array | undefined {
  for (const stanza of stanzas) {
    if (stanza.args[0] !== X25519_TYPE) continue;
    const share = stanza.args.length === 2 ? decodeBase64(stanza.args[1]) : undefined;
    if (share?.byteLength !== X25519_BYTES) throw malformedHeader('X25519 recipient has no share of 32 bytes', 0);
    if (stanza.body.byteLength !== FILE_KEY_BYTES + TAG_BYTES) {
      throw malformedHeader('X25519 recipient has a body that is not 32 bytes', 0);
    }
    for (const identity of identities) {
      const fileKey = openStanza(stanza.body, share, identity);
      if (fileKey !== undefined) return fileKey;
    }
  }
  return undefined;
}

function openStanza(body: Uint8Array, share: Uint8Array, identity: AgeIdentity): Uint8Array | undefined {
  const shared = x25519Shared(identity.privateKey, share);
  if (shared === undefined) throw malformedHeader('X25519 recipient has a share of low order', 0);
  const key = wrapKey(shared, share, identity.publicKey);
  const decipher = createDecipheriv(AEAD, key, ZERO_NONCE, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(body.subarray(FILE_KEY_BYTES));
  const fileKey = decipher.update(body.subarray(0, FILE_KEY_BYTES));
  try {
    decipher.final();
    return fileKey;
  } catch {
    // The usual case with several recipients: this stanza is for somebody else.
    return undefined;
  }
}

function wrapKey(shared: Uint8Array, share: Uint8Array, publicKey: Uint8Array): Uint8Array {
  return deriveKey(shared, Buffer.concat([share, publicKey]), 'age-encryption.org/v1/X25519');
}

function noMatch(types: readonly (string | undefined)[], identityCount: number): AgeError {
  const why = types.includes('scrypt')
    ? 'file is encrypted with a passphrase, not for recipients'
    : `none of ${identityCount} identities opens it; it has ${types.length} recipients (${[...new Set(types)].slice(0, 8).join(', ')})`;
  return new AgeError('NO_MATCHING_IDENTITY', `age: ${why}`, { offset: 0 });
}

const X25519_TYPE = 'X25519';
const AEAD = 'chacha20-poly1305';
const TAG_BYTES = 16;
/** Each wrap key is used once, so the nonce may be fixed. */
const ZERO_NONCE = new Uint8Array(12);
const NOTHING = new Uint8Array(0);
