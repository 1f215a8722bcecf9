import { randomBytes, type KeyObject } from 'node:crypto';
import { AgeError } from './age-error.ts';
import { decodeBech32, encodeBech32 } from './bech32.ts';
import { X25519_BYTES, x25519PrivateKey, x25519PublicBytes, x25519SecretBytes } from './x25519.ts';

/** Who can read: the public half of an X25519 key. Plain data, may be sent to workers. */
export interface AgeRecipient {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** The private half. Logging or serialising it as JSON does not show the secret; only {@link formatIdentity} does. */
export interface AgeIdentity {
  readonly privateKey: KeyObject;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** A new identity from the operating system's randomness. */
export function generateIdentity(): AgeIdentity {
  return identityOf(randomBytes(X25519_BYTES));
}

/** The recipient that `identity` can read for. */
export function recipientOf(identity: AgeIdentity): AgeRecipient {
  return { publicKey: identity.publicKey };
}

/** `age1…`, in lower case. */
export function formatRecipient(recipient: AgeRecipient): string {
  return encodeBech32(RECIPIENT_PREFIX, recipient.publicKey);
}

/** `AGE-SECRET-KEY-1…`, in upper case. This is the secret: into a file of mode 0600, and nowhere else. */
export function formatIdentity(identity: AgeIdentity): string {
  return encodeBech32(IDENTITY_PREFIX, x25519SecretBytes(identity.privateKey)).toUpperCase();
}

/**
 * Reads `age1…`. White space around it is not taken.
 * @throws AgeError `MALFORMED_KEY`, which says if it is an identity, another type of recipient, or mistyped
 */
export function parseRecipient(text: string): AgeRecipient {
  if (/^age-secret-key-1/i.test(text)) {
    throw badKey('cannot use an identity (AGE-SECRET-KEY-1…) as a recipient: it is secret; use its public age1…');
  }
  const what = `recipient ${JSON.stringify(text)}`;
  const decoded = decodeBech32(text);
  if ('problem' in decoded) throw badKey(`${what} ${decoded.problem}, expected age1… with 58 characters after it`);
  if (decoded.prefix !== RECIPIENT_PREFIX || text !== text.toLowerCase()) {
    throw badKey(`${what} is of a type that is not supported, expected an X25519 recipient (age1…)`);
  }
  if (decoded.bytes.byteLength !== X25519_BYTES) throw badKey(`${what} has ${decoded.bytes.byteLength} bytes, not 32`);
  return { publicKey: decoded.bytes };
}

/**
 * Reads `AGE-SECRET-KEY-1…`. White space around it is not taken. Errors never quote the text.
 * @throws AgeError `MALFORMED_KEY`
 */
export function parseIdentity(text: string): AgeIdentity {
  const decoded = decodeBech32(text);
  if ('problem' in decoded) throw badKey(`identity ${decoded.problem}, expected AGE-SECRET-KEY-1…`);
  if (decoded.prefix === RECIPIENT_PREFIX) throw badKey('identity is a recipient (age1…), expected AGE-SECRET-KEY-1…');
  if (decoded.prefix !== IDENTITY_PREFIX || text !== text.toUpperCase()) {
    throw badKey('identity is of a type that is not supported, expected an X25519 identity (AGE-SECRET-KEY-1…)');
  }
  if (decoded.bytes.byteLength !== X25519_BYTES) throw badKey(`identity has ${decoded.bytes.byteLength} bytes, not 32`);
  return identityOf(decoded.bytes);
}

function identityOf(secret: Uint8Array): AgeIdentity {
  const privateKey = x25519PrivateKey(secret);
  return { privateKey, publicKey: x25519PublicBytes(privateKey) };
}

function badKey(message: string): AgeError {
  return new AgeError('MALFORMED_KEY', `age: ${message}`);
}

const RECIPIENT_PREFIX = 'age';
const IDENTITY_PREFIX = 'age-secret-key-';
