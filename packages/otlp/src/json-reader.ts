import type { ByteWriter } from './byte-writer.ts';
import { InvalidMessage } from './invalid-message.ts';
import type { InvalidMessageCode } from './invalid-message.ts';
import { writeUnescaped } from './json-unescape.ts';
import { copyBytes } from './wire.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const LOW_WORD = 0x1_0000_0000;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

interface NativeText {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
}
const native = Buffer.prototype as unknown as NativeText;

/**
 * Reads JSON (RFC 8259) from UTF-8 bytes, token after token, without making strings or objects. The caller has checked that
 * the bytes are UTF-8. Every method stands before a token, white space included, and leaves `at` behind it.
 */
export class JsonReader {
  readonly bytes: Uint8Array;
  at = 0;
  /** Where the content of the string or number that was read last lies. */
  tokenStart = 0;
  tokenEnd = 0;
  /** Whether that string has escapes. */
  escaped = false;
  /** The 64-bit integer that was read last: two's complement in two unsigned halves. */
  low = 0;
  high = 0;
  /** Names the place of an error; set by whoever knows the structure. */
  path: () => string = () => '';

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The byte that the next token begins with; 0 at the end. */
  peek(): number {
    const { bytes } = this;
    for (; this.at < bytes.length; this.at++) {
      const byte = bytes[this.at];
      if (byte > 0x20) return byte;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
    }
    return 0;
  }

  expect(byte: number, what: string): void {
    if (this.peek() !== byte) this.unexpected(what);
    this.at++;
  }

  /** After an element: true at a comma, false at the closing bracket. */
  more(close: number): boolean {
    const byte = this.peek();
    if (byte !== COMMA && byte !== close) this.unexpected(`"," or "${String.fromCharCode(close)}"`);
    this.at++;
    return byte === COMMA;
  }

  /** Consumes `null` when it is next. */
  takeNull(): boolean {
    if (this.peek() !== 0x6e) return false;
    this.#literal('null');
    return true;
  }

  boolean(): boolean {
    const first = this.peek();
    if (first === 0x74) this.#literal('true');
    else if (first === 0x66) this.#literal('false');
    else this.unexpected('true or false');
    return first === 0x74;
  }

  /** Reads a string; its raw content is `tokenStart` to `tokenEnd`. */
  string(what: string): void {
    if (this.peek() !== QUOTE) this.unexpected(what);
    const { bytes } = this;
    const start = this.at + 1;
    let at = start;
    let escaped = false;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        this.tokenStart = start;
        this.tokenEnd = at;
        this.escaped = escaped;
        this.at = at + 1;
        return;
      }
      if (byte < 0x20) break;
      if (byte === BACKSLASH) {
        escaped = true;
        at++;
      }
    }
    if (at >= bytes.length) this.fail('JSON_SYNTAX', start - 1, 'the text ends within a string');
    this.fail('JSON_SYNTAX', at, 'a control character within a string; it must be escaped');
  }

  /** Consumes a string when it is next and is exactly `key`, which needs no escapes. */
  takeKey(key: Uint8Array): boolean {
    if (this.peek() !== QUOTE) return false;
    const { bytes } = this;
    const start = this.at + 1;
    const end = start + key.length;
    if (end >= bytes.length || bytes[end] !== QUOTE) return false;
    for (let i = key.length - 1; i >= 0; i--) if (bytes[start + i] !== key[i]) return false;
    this.at = end + 1;
    return true;
  }

  /** The content of the string that was read last, without escapes, as text. Not for the hot path. */
  text(): string {
    const raw = Buffer.from(this.bytes.subarray(this.tokenStart, this.tokenEnd)).toString('utf8');
    if (!this.escaped) return raw;
    try {
      return JSON.parse(`"${raw}"`) as string;
    } catch {
      return this.fail('JSON_SYNTAX', this.tokenStart, 'a bad escape within a string');
    }
  }

  /** Appends the content of the string that was read last as UTF-8. A lone surrogate becomes U+FFFD. */
  appendString(out: ByteWriter): void {
    const start = this.tokenStart;
    const end = this.tokenEnd;
    out.reserve(end - start);
    if (this.escaped) {
      out.length = writeUnescaped(this, out.bytes, out.length);
      return;
    }
    copyBytes(this.bytes, start, end, out.bytes, out.length);
    out.length += end - start;
  }

  /** Reads a number or a string with a number: the token is between `tokenStart` and `tokenEnd`. Returns whether it was quoted. */
  numberToken(what: string): boolean {
    const first = this.peek();
    if (first === QUOTE) {
      this.string(what);
      return true;
    }
    if (first !== 0x2d && (first < 0x30 || first > 0x39)) this.unexpected(what);
    const { bytes } = this;
    let at = this.at;
    while (at < bytes.length && isNumberByte(bytes[at])) at++;
    this.tokenStart = this.at;
    this.tokenEnd = at;
    this.at = at;
    return false;
  }

  /** Reads an integer, quoted or not, exactly, into `low` and `high`; refuses what 64 bits cannot hold. */
  integer64(signed: boolean, what: string): void {
    const quoted = this.numberToken(what);
    const { bytes } = this;
    const start = this.tokenStart;
    const end = this.tokenEnd;
    const negative = start < end && bytes[start] === 0x2d;
    let at = negative ? start + 1 : start;
    const digits = at;
    let ninth = end - 9;
    if (ninth < at) ninth = at;
    let upper = 0;
    let lower = 0;
    for (; at < ninth; at++) {
      const digit = bytes[at] - 0x30;
      if (digit < 0 || digit > 9) return this.#wholeNumber(signed, what);
      upper = upper * 10 + digit;
    }
    for (; at < end; at++) {
      const digit = bytes[at] - 0x30;
      if (digit < 0 || digit > 9) return this.#wholeNumber(signed, what);
      lower = lower * 10 + digit;
    }
    const isMalformed = end === digits || (!quoted && bytes[digits] === 0x30 && end > digits + 1);
    if (isMalformed) this.fail('JSON_VALUE', start, `expected ${what}`);
    // upper * 10^9 + lower, sixteen bits at a time, which stays within a double's 53 bits.
    const product = Math.floor(upper / 65_536) * 1_000_000_000;
    const rest = (product % 65_536) * 65_536 + (upper % 65_536) * 1_000_000_000 + lower;
    const low = rest % LOW_WORD;
    const high = Math.floor(product / 65_536) + Math.floor(rest / LOW_WORD);
    this.#setHalves(low, high, negative, signed, what);
  }

  /** Reads a number: quoted or not, "NaN", "Infinity" and "-Infinity" (or Go's "+Inf" and "-Inf"). */
  double(): number {
    const what = 'a number, or one of "NaN", "Infinity", "-Infinity"';
    const quoted = this.numberToken(what);
    const text = native.latin1Slice.call(this.bytes, this.tokenStart, this.tokenEnd);
    const value = Number(text);
    if (Number.isFinite(value) && NUMBER.test(text)) return value;
    if (quoted) {
      if (text === 'NaN') return NaN;
      if (/^\+?inf(inity)?$/i.test(text)) return Infinity;
      if (/^-inf(inity)?$/i.test(text)) return -Infinity;
    }
    return this.fail('JSON_VALUE', this.tokenStart, `expected ${what}, found ${JSON.stringify(text)}`);
  }

  /** Passes over any value; `depth` is how much deeper it may nest. */
  skipValue(depth: number): void {
    const first = this.peek();
    if (first === QUOTE) {
      this.string('a value');
    } else if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      if (depth === 0) this.fail('DEPTH', this.at, 'values are nested too deep');
      this.at++;
      const close = first === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
      if (this.peek() === close) {
        this.at++;
        return;
      }
      do {
        if (first === OPEN_BRACE) {
          this.string('a key');
          this.expect(0x3a, '":"');
        }
        this.skipValue(depth - 1);
      } while (this.more(close));
    } else if (first === 0x74 || first === 0x66) {
      this.boolean();
    } else if (first === 0x6e) {
      this.#literal('null');
    } else {
      this.numberToken('a value');
      const text = native.latin1Slice.call(this.bytes, this.tokenStart, this.tokenEnd);
      if (!NUMBER.test(text)) this.fail('JSON_SYNTAX', this.tokenStart, `${JSON.stringify(text)} is not a number`);
    }
  }

  /** Refuses the next token, which is of the wrong kind. */
  unexpected(expected: string): never {
    const byte = this.peek();
    if (this.at >= this.bytes.length)
      this.fail('JSON_SYNTAX', this.at, `expected ${expected}, found the end of the text`);
    const kinds: Readonly<Record<string, string>> = { '{': 'an object', '[': 'a list', '"': 'a string', n: 'null' };
    const letter = String.fromCharCode(byte);
    const found = kinds[letter] ?? (/[-\d]/.test(letter) ? 'a number' : /[tf]/.test(letter) ? 'a boolean' : undefined);
    if (found === undefined) this.fail('JSON_SYNTAX', this.at, `expected ${expected}, found ${JSON.stringify(letter)}`);
    this.fail('JSON_VALUE', this.at, `expected ${expected}, found ${found}`);
  }

  fail(code: InvalidMessageCode, offset: number, what: string): never {
    let line = 1;
    let column = 1;
    for (let at = 0; at < offset && at < this.bytes.length; at++) {
      if (this.bytes[at] === 0x0a) {
        line++;
        column = 1;
      } else if ((this.bytes[at] & 0xc0) !== 0x80) {
        column++;
      }
    }
    throw new InvalidMessage(what, { code, offset, path: this.path(), line, column });
  }

  /** An integer that is not written as digits alone: 1e3 and 2.0 are whole numbers too. */
  #wholeNumber(signed: boolean, what: string): void {
    const text = native.latin1Slice.call(this.bytes, this.tokenStart, this.tokenEnd);
    const value = Number(text);
    if (!NUMBER.test(text) || !Number.isSafeInteger(value)) {
      this.fail('JSON_VALUE', this.tokenStart, `expected ${what}, found ${JSON.stringify(text)}`);
    }
    const size = Math.abs(value);
    this.#setHalves(size % LOW_WORD, Math.floor(size / LOW_WORD), value < 0, signed, what);
  }

  #setHalves(low: number, high: number, negative: boolean, signed: boolean, what: string): void {
    const isZero = low === 0 && high === 0;
    const limit = signed ? 0x8000_0000 : LOW_WORD;
    const fits = high < limit || (negative && high === 0x8000_0000 && low === 0);
    if (!fits || (negative && !signed && !isZero)) {
      this.fail('JSON_VALUE', this.tokenStart, `expected ${what}; this number is out of its range`);
    }
    this.low = negative ? (~low + 1) >>> 0 : low;
    this.high = negative ? (~high + (low === 0 ? 1 : 0)) >>> 0 : high;
  }

  #literal(word: string): void {
    for (let i = 0; i < word.length; i++) {
      if (this.bytes[this.at + i] !== word.charCodeAt(i)) this.fail('JSON_SYNTAX', this.at, `expected ${word}`);
    }
    this.at += word.length;
  }
}

function isNumberByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2e || byte === 0x2b || (byte | 0x20) === 0x65;
}
