import { malformedHeader } from './age-error.ts';

/** First line of every age v1 file, without its line feed. */
export const AGE_VERSION_LINE = 'age-encryption.org/v1';

/** One recipient's copy of the file key, wrapped. */
export interface AgeStanza {
  /** The type (such as `X25519`) and what belongs to it. */
  readonly args: readonly string[];
  readonly body: Uint8Array;
}

/** A file's header, as parsed. */
export interface AgeHeader {
  readonly stanzas: readonly AgeStanza[];
  /** 32 bytes. */
  readonly mac: Uint8Array;
  /** The text that the MAC covers: everything up to and including `---`. */
  readonly authenticated: Uint8Array;
}

/** The header's text up to and including `---`: what the MAC is computed over. */
export function formatHeaderStart(stanzas: readonly AgeStanza[]): string {
  let text = `${AGE_VERSION_LINE}\n`;
  for (const { args, body } of stanzas) {
    text += `-> ${args.join(' ')}\n`;
    const encoded = encodeBase64(body);
    // The last line is shorter than 64 characters, even if it has none.
    for (let at = 0; at <= encoded.length; at += BODY_COLUMNS) text += `${encoded.slice(at, at + BODY_COLUMNS)}\n`;
  }
  return `${text}---`;
}

/** The header's last line after its `---`. */
export function formatHeaderEnd(mac: Uint8Array): string {
  return ` ${encodeBase64(mac)}\n`;
}

/**
 * Parses a whole header (https://age-encryption.org/v1, "Header"), from its first byte through the line feed of its MAC line.
 * @throws AgeError `MALFORMED_HEADER` with the offset of the line
 */
export function parseHeader(bytes: Uint8Array): AgeHeader {
  const lines = new HeaderLines(bytes);
  if (lines.next() !== AGE_VERSION_LINE) throw malformedHeader(`file does not begin with ${AGE_VERSION_LINE}`, 0);
  const stanzas: AgeStanza[] = [];
  while (true) {
    const line = lines.next();
    if (line.startsWith('--- ')) {
      const mac = decodeBase64(line.slice(4));
      if (mac?.byteLength !== MAC_BYTES) throw malformedHeader('MAC is not 32 bytes of base64', lines.lineOffset);
      if (stanzas.length === 0) throw malformedHeader('header has no recipients', lines.lineOffset);
      if (!lines.isAtEnd) throw malformedHeader('header goes on after its MAC', lines.lineOffset);
      return { stanzas, mac, authenticated: bytes.subarray(0, lines.lineOffset + 3) };
    }
    stanzas.push(parseStanza(line, lines));
  }
}

function parseStanza(argsLine: string, lines: HeaderLines): AgeStanza {
  const args = argsLine.split(' ');
  const isWellFormed = args.shift() === '->' && args.length > 0 && args.every((arg) => /^[\x21-\x7e]+$/.test(arg));
  if (!isWellFormed) throw malformedHeader('line is neither a recipient nor the MAC', lines.lineOffset);
  const { lineOffset } = lines;
  let encoded = '';
  let line;
  do {
    line = lines.next();
    if (line.length > BODY_COLUMNS) throw malformedHeader('line of a recipient is too long', lines.lineOffset);
    encoded += line;
  } while (line.length === BODY_COLUMNS);
  const body = decodeBase64(encoded);
  if (body === undefined) throw malformedHeader("recipient's body is not canonical base64", lineOffset);
  return { args, body };
}

class HeaderLines {
  /** Where the line that was returned last begins. */
  lineOffset = 0;
  #at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.byteLength;
  }

  next(): string {
    this.lineOffset = this.#at;
    const end = this.#bytes.indexOf(LINE_FEED, this.#at);
    if (end < 0) throw malformedHeader('header ends within a line', this.lineOffset);
    this.#at = end + 1;
    // One character a byte, so that what is not ASCII is noticed as such.
    return Buffer.from(this.#bytes.subarray(this.lineOffset, end)).toString('latin1');
  }
}

/** Base64 (RFC 4648 section 4) without padding, as everywhere in age's header. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}

/** The bytes, or undefined if the text is not exactly what {@link encodeBase64} makes of them. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return encodeBase64(bytes) === text ? bytes : undefined;
}

const BODY_COLUMNS = 64;
const MAC_BYTES = 32;
const LINE_FEED = 10;
