import { createPrivateKey, createPublicKey, createSecretKey, type JsonWebKeyInput, type KeyObject } from 'node:crypto';
import { KEY_BYTES } from './content-encryption.ts';
import { JweError } from './jwe-error.ts';
import { JWE_ALGORITHMS } from './jwe-header.ts';
import { JweKey } from './jwe-key.ts';
import { curveOf } from './key-agreement.ts';
import { PSEUDONYM_ALGORITHM, PSEUDONYM_KEY_BYTES_MIN, PseudonymKey } from './pseudonym-key.ts';

/** How a key is written. */
export interface JweKeyText {
  /**
   * A JWK (RFC 7517), PEM (PKCS #8, SPKI, SEC 1, PKCS #1, or a certificate), or the 32 bytes of a secret (for HS256 also
   * more) in base64url or base64. Not encrypted.
   */
  readonly text: string;
  /** Name of the key; default: the JWK's `kid`. */
  readonly kid?: string | undefined;
  /** Default: the JWK's `alg`; otherwise A256KW, ECDH-ES+A256KW or RSA-OAEP-256, as fits the kind of key. */
  readonly algorithm?: KeyAlgorithm | undefined;
}

/** What a key may be for: encryption, or pseudonyms. */
export const KEY_ALGORITHMS = [...JWE_ALGORITHMS, PSEUDONYM_ALGORITHM] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** Smaller RSA keys are refused (RFC 7518 section 4.3). */
const RSA_BITS_MIN = 2048;
const KID_CHARACTERS_MAX = 128;

/** @throws JweError `MALFORMED_KEY`, which quotes nothing of the text. */
export function parseJweKey({ text, kid, algorithm }: JweKeyText): JweKey | PseudonymKey {
  const read = readKey(text.trim());
  const name = agreed('kid', kid, read.kid);
  if (name === undefined) throw malformed('it has no name: set kid');
  if (!/^[\x21-\x7e]+$/.test(name) || name.length > KID_CHARACTERS_MAX) {
    throw malformed(`kid must have 1 to ${KID_CHARACTERS_MAX} characters of ASCII without spaces`);
  }
  const fitting = algorithmsOf(read.key);
  const chosen = agreed('algorithm', algorithm, read.alg) ?? fitting[0];
  const found = fitting.find((each) => each === chosen);
  if (found === PSEUDONYM_ALGORITHM) return new PseudonymKey(name, read.key);
  if (found !== undefined) return new JweKey(name, found, read.key);
  const known = (KEY_ALGORITHMS as readonly string[]).includes(chosen) ? 'does not fit this key' : 'is not supported';
  throw malformed(`algorithm ${chosen} ${known}, which can be used with ${fitting.join(', ')}`);
}

interface ReadKey {
  readonly key: KeyObject;
  readonly kid?: string | undefined;
  readonly alg?: string | undefined;
}

function readKey(text: string): ReadKey {
  if (text === '') throw malformed('it is empty');
  if (text.startsWith('{')) return readJwk(text);
  if (text.startsWith('-----BEGIN')) return { key: readPem(text) };
  return { key: createSecretKey(rawBytes(text)) };
}

function readJwk(text: string): ReadKey {
  let jwk: Record<string, unknown>;
  try {
    jwk = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw malformed('it is no JSON');
  }
  const { kty, k, kid, alg, use } = jwk;
  if (use !== undefined && use !== 'enc') throw malformed('its "use" is not "enc"');
  const named = { kid: textOrNothing(kid), alg: textOrNothing(alg) };
  if (kty === 'oct') {
    if (typeof k !== 'string') throw malformed('the JWK has no "k"');
    return { key: createSecretKey(rawBytes(k)), ...named };
  }
  const input = { key: jwk, format: 'jwk' } as JsonWebKeyInput;
  try {
    return { key: 'd' in jwk ? createPrivateKey(input) : createPublicKey(input), ...named };
  } catch {
    throw malformed('the JWK is not valid');
  }
}

function readPem(text: string): KeyObject {
  if (text.includes('ENCRYPTED')) throw malformed('it is encrypted with a password, which is not supported');
  try {
    return text.includes('PRIVATE KEY') ? createPrivateKey(text) : createPublicKey(text);
  } catch {
    throw malformed('the PEM text is not valid');
  }
}

function rawBytes(text: string): Buffer {
  if (/^[\w\-+/]+={0,2}$/.test(text)) {
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length >= PSEUDONYM_KEY_BYTES_MIN) return bytes;
  }
  throw malformed(`it is neither JWK nor PEM nor ${KEY_BYTES} bytes in base64url`);
}

/** Algorithms that a key can be used with; the first is the default. */
function algorithmsOf(key: KeyObject): readonly KeyAlgorithm[] {
  // AES takes exactly as many bytes; HMAC takes more, too.
  if (key.symmetricKeySize === KEY_BYTES) return ['A256KW', 'A256GCMKW', 'dir', PSEUDONYM_ALGORITHM];
  if (key.type === 'secret') return [PSEUDONYM_ALGORITHM];
  if (curveOf(key) !== undefined) return ['ECDH-ES+A256KW'];
  if (key.asymmetricKeyType !== 'rsa') {
    throw malformed(`it is of a kind (${key.asymmetricKeyType}) that cannot encrypt; use P-256, X25519 or RSA`);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < RSA_BITS_MIN) throw malformed(`RSA with ${bits} bits is too weak; use at least ${RSA_BITS_MIN}`);
  return ['RSA-OAEP-256'];
}

function agreed(what: string, given: string | undefined, own: string | undefined): string | undefined {
  if (given !== undefined && own !== undefined && given !== own) {
    throw malformed(`${what} is ${given} here and ${own} in the JWK`);
  }
  return given ?? own;
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function malformed(what: string): JweError {
  return new JweError('MALFORMED_KEY', `the key cannot be used: ${what}`);
}
