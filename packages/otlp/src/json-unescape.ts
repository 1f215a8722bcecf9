import type { InvalidMessageCode } from './invalid-message.ts';

const BACKSLASH = 0x5c;
const REPLACEMENT = 0xfffd;

/** What is needed of the reader: the string that it read last, and how it fails. */
interface EscapedString {
  readonly bytes: Uint8Array;
  readonly tokenStart: number;
  readonly tokenEnd: number;
  fail(code: InvalidMessageCode, offset: number, what: string): never;
}

const ESCAPED: Readonly<Record<string, number>> = { b: 8, f: 12, n: 10, r: 13, t: 9, '"': 34, '\\': 92, '/': 47 };
/** By the letter after a backslash: what it stands for; 0 where it stands for nothing. */
const UNESCAPED = new Uint8Array(128);
for (const [letter, code] of Object.entries(ESCAPED)) UNESCAPED[letter.charCodeAt(0)] = code;

/** By character: its value as a hexadecimal digit, 255 for others. */
export const HEX_DIGITS: Uint8Array = new Uint8Array(256).fill(255);
for (let i = 0; i < 16; i++) {
  HEX_DIGITS[i.toString(16).charCodeAt(0)] = i;
  HEX_DIGITS[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}

/**
 * Writes the content of the string that the reader read last to `target` and returns where it ends. UTF-8 is never longer
 * than its JSON escape. A lone surrogate, which UTF-8 cannot carry, becomes U+FFFD.
 */
export function writeUnescaped(reader: EscapedString, target: Uint8Array, start: number): number {
  const { bytes, tokenEnd } = reader;
  let to = start;
  for (let at = reader.tokenStart; at < tokenEnd;) {
    const byte = bytes[at++];
    if (byte !== BACKSLASH) {
      target[to++] = byte;
      continue;
    }
    const letter = bytes[at++];
    if (letter !== 0x75) {
      const code = letter < 128 ? UNESCAPED[letter] : 0;
      if (code === 0) reader.fail('JSON_SYNTAX', at - 2, 'a bad escape within a string');
      target[to++] = code;
      continue;
    }
    let code = hex4(reader, at);
    at += 4;
    if (code >= 0xd800 && code < 0xdc00 && bytes[at] === BACKSLASH && bytes[at + 1] === 0x75) {
      const second = hex4(reader, at + 2);
      if (second >= 0xdc00 && second < 0xe000) {
        code = 0x1_0000 + ((code - 0xd800) << 10) + (second - 0xdc00);
        at += 6;
      }
    }
    to = putCodePoint(target, to, code >= 0xd800 && code < 0xe000 ? REPLACEMENT : code);
  }
  return to;
}

function hex4(reader: EscapedString, at: number): number {
  let code = 0;
  for (let i = at; i < at + 4; i++) {
    const digit = i < reader.tokenEnd ? HEX_DIGITS[reader.bytes[i]] : 255;
    if (digit === 255) reader.fail('JSON_SYNTAX', at - 2, 'a bad escape within a string');
    code = code * 16 + digit;
  }
  return code;
}

/** UTF-8 of a code point; never longer than its JSON escape. */
function putCodePoint(target: Uint8Array, to: number, code: number): number {
  if (code < 0x80) {
    target[to] = code;
    return to + 1;
  }
  const extra = code < 0x800 ? 1 : code < 0x1_0000 ? 2 : 3;
  target[to] = [0, 0xc0, 0xe0, 0xf0][extra] | (code >>> (6 * extra));
  for (let i = 1; i <= extra; i++) target[to + i] = 0x80 | ((code >>> (6 * (extra - i))) & 0x3f);
  return to + extra + 1;
}
