import { OttlError } from '../ottl-error.ts';
import type { Token } from './token.ts';

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  '"': 34,
};

/** The number of digits behind \x, \u and \U. */
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/**
 * What a string token says. The escapes are those of Go's interpreted strings: \n \t \\ \" ..., \xHH and \ooo as bytes of
 * UTF-8, \uHHHH and \UHHHHHHHH as code points; no other letter may be escaped, and a line may not break inside of a string.
 */
export function stringOf(token: Token, source: string): string {
  const body = token.text.slice(1, -1);
  const broken = body.indexOf('\n');
  if (broken >= 0) fail('a line breaks inside of a string', token.start + 1 + broken, '\\n for a line break', source);
  if (!body.includes('\\')) return body;
  const out: Uint8Array[] = [];
  let at = 0;
  while (at < body.length) {
    const escape = body.indexOf('\\', at);
    if (escape < 0) break;
    out.push(Buffer.from(body.slice(at, escape)));
    const [bytes, end] = readEscape(body, escape, token, source);
    out.push(bytes);
    at = end;
  }
  out.push(Buffer.from(body.slice(at)));
  return Buffer.concat(out).toString('utf8');
}

function readEscape(body: string, at: number, token: Token, source: string): [bytes: Uint8Array, end: number] {
  const letter = body[at + 1];
  const simple = SIMPLE[letter];
  if (simple !== undefined) return [Uint8Array.of(simple), at + 2];
  const offset = token.start + 1 + at;
  const octal = /^[0-7]{3}/.exec(body.slice(at + 1, at + 4));
  if (octal !== null) {
    const value = parseInt(octal[0], 8);
    if (value > 255) fail(`\\${octal[0]} is more than a byte`, offset, 'at most \\377', source);
    return [Uint8Array.of(value), at + 4];
  }
  const digits = HEX_DIGITS[letter];
  if (digits === undefined)
    fail(`\\${letter} is no escape`, offset, `\\\\${letter} for a backslash before ${letter}`, source);
  const hex = body.slice(at + 2, at + 2 + digits);
  if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length < digits)
    fail(`\\${letter} is not followed by ${digits} hex digits`, offset, `${digits} hex digits`, source);
  const value = parseInt(hex, 16);
  if (letter === 'x') return [Uint8Array.of(value), at + 2 + digits];
  if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
    fail(`\\${letter}${hex} is no character`, offset, 'a Unicode code point', source);
  return [Buffer.from(String.fromCodePoint(value)), at + 2 + digits];
}

function fail(message: string, offset: number, expected: string, source: string): never {
  throw new OttlError({ code: 'LITERAL', message, source, offset, expected });
}
