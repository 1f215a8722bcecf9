import { decodeBase64url } from './base64url.ts';
import { JweError } from './jwe-error.ts';

/** How the content key gets to the reader (RFC 7518 section 4). */
export const JWE_ALGORITHMS = ['dir', 'A256KW', 'A256GCMKW', 'ECDH-ES+A256KW', 'RSA-OAEP-256'] as const;
export type JweAlgorithm = (typeof JWE_ALGORITHMS)[number];

/** The only way in which contents are encrypted (RFC 7518 section 5.3). */
export const CONTENT_ENCRYPTION = 'A256GCM';

/** A protected header (RFC 7516 section 4). Everything in it comes from outside. */
export interface JweHeader {
  readonly alg?: unknown;
  readonly enc?: unknown;
  readonly kid?: unknown;
  /** Media type of the content; `application/` may be left out. */
  readonly cty?: unknown;
  readonly zip?: unknown;
  readonly crit?: unknown;
  /** The sender's one-time public key, as a JWK. */
  readonly epk?: unknown;
  readonly apu?: unknown;
  readonly apv?: unknown;
  /** Of A256GCMKW, for the content key. */
  readonly iv?: unknown;
  readonly tag?: unknown;
}

/** A longer header is not read. Ours have some 300 characters. */
const HEADER_CHARACTERS_MAX = 8_192;

/** What the first part of a compact JWE says. */
export function readHeader(part: string): JweHeader {
  const bytes = part.length > HEADER_CHARACTERS_MAX ? undefined : decodeBase64url(part);
  if (bytes === undefined) throw new JweError('MALFORMED', 'the header is no base64url, or too long');
  let header: unknown;
  try {
    header = JSON.parse(bytes.toString());
  } catch {
    throw new JweError('MALFORMED', 'the header is no JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new JweError('MALFORMED', 'the header is no JSON object');
  }
  return header;
}

export function writeHeader(header: JweHeader): string {
  return Buffer.from(JSON.stringify(header)).toString('base64url');
}

/** Refuses what this reader does not understand, as it must (RFC 7516 section 4.1.13). */
export function checkHeader(header: JweHeader): void {
  if (header.enc !== CONTENT_ENCRYPTION) throw new JweError('UNSUPPORTED', `"enc" is not ${CONTENT_ENCRYPTION}`);
  if (header.zip !== undefined) throw new JweError('UNSUPPORTED', '"zip" is not supported');
  if (header.crit !== undefined) throw new JweError('UNSUPPORTED', '"crit" is not supported');
  if (header.cty !== undefined && typeof header.cty !== 'string') throw new JweError('MALFORMED', '"cty" is no text');
}
