import type { ByteWriter } from './byte-writer.ts';
import type { JsonReader } from './json-reader.ts';
import { HEX_DIGITS } from './json-unescape.ts';

/** Writes the id that the reader read last, in hexadecimal, with its length; returns whether it is empty. Room was made. */
export function appendId(reader: JsonReader, out: ByteWriter, length: number): boolean {
  const { bytes, tokenStart, tokenEnd } = reader;
  const digits = tokenEnd - tokenStart;
  if (digits !== 0 && digits !== length * 2) {
    reader.fail('ID_LENGTH', tokenStart, `expected ${length * 2} hexadecimal digits (or none), found ${digits}`);
  }
  const target = out.bytes;
  let to = out.length;
  target[to++] = digits >>> 1;
  for (let at = tokenStart; at < tokenEnd; at += 2) {
    const high = HEX_DIGITS[bytes[at]];
    const low = HEX_DIGITS[bytes[at + 1]];
    if ((high | low) === 255) reader.fail('JSON_VALUE', at, 'expected hexadecimal digits');
    target[to++] = (high << 4) | low;
  }
  out.length = to;
  return digits === 0;
}

/** Writes the bytes of the base64 string that the reader read last. */
export function appendBase64(reader: JsonReader, out: ByteWriter): void {
  const text = reader.text();
  if (!/^[\w+/-]*={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1) {
    reader.fail('JSON_VALUE', reader.tokenStart, 'expected base64');
  }
  // Node's decoder takes both alphabets, padded or not.
  out.append(Buffer.from(text, 'base64'));
}

/** Writes 64 bits as a varint where there is room for it and returns the position after it. */
export function putVarint64(bytes: Uint8Array, at: number, lowHalf: number, highHalf: number): number {
  let low = lowHalf;
  let high = highHalf;
  let to = at;
  while (high !== 0 || low > 0x7f) {
    bytes[to++] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  bytes[to++] = low;
  return to;
}
