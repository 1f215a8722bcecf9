/** The five parts of a compact JWE (RFC 7516 section 3.1), as they are written. */
export interface CompactJwe {
  readonly header: string;
  readonly encryptedKey: string;
  readonly iv: string;
  readonly ciphertext: string;
  readonly tag: string;
  /** `header.encryptedKey`: what all tokens of one content key have in common. */
  readonly prefix: string;
}

/** With the 12 bytes of IV and 16 of tag that GCM takes. A header is a JSON object, so that it begins with `{"`. */
const COMPACT = /^((eyJ[\w-]+)\.([\w-]*))\.([\w-]{16})\.([\w-]*)\.([\w-]{22})$/;

/** Undefined for any other text. Takes time in proportion to its length. */
export function parseCompact(text: string): CompactJwe | undefined {
  if (!text.startsWith('eyJ')) return undefined;
  const match = COMPACT.exec(text);
  if (match === null) return undefined;
  const [, prefix, header, encryptedKey, iv, ciphertext, tag] = match;
  return { prefix, header, encryptedKey, iv, ciphertext, tag };
}
