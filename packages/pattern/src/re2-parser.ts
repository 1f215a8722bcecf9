import { ANY, charSet, complement, ignoresCase, NO_NEWLINE, PERL_CLASSES, POSIX_CLASSES } from './char-set.ts';
import { concat, EMPTY, type PatternNode } from './syntax-tree.ts';

/** RE2's bound on counts. */
const REPEAT_MAX = 1000;
const NESTING_MAX = 100;
const SIMPLE_ESCAPES: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };
const FLAG_GROUP = /^\(\?([imsU]*)(?:-([imsU]+))?([:)])/;
const NAMED_GROUP = /^\(\?P?<([A-Za-z0-9_]+)>/;
const COUNT = /^\{([0-9]+)(?:(,)([0-9]*))?\}/;
const POSIX_CLASS = /^\[:(\^?)([a-z]+):\]/;
const HEX = /^\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/;
const QUANTIFIERS = '*+?{';

/** What the reader does not take upon itself: a syntax error, or one of RE2's rarer features. */
class Declined extends Error {}

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly U: boolean;
}

/**
 * Reads the everyday part of RE2's syntax (https://github.com/google/re2/wiki/Syntax). Undefined for everything else, right or
 * wrong: Unicode classes, `\Q`, repeated assertions, mixtures of case-folded and negated classes.
 */
export function parseRe2(text: string): PatternNode | undefined {
  try {
    return new Parser(text).parse();
  } catch (error) {
    if (error instanceof Declined) return undefined;
    throw error;
  }
}

class Parser {
  readonly #text: string;
  #pos = 0;
  #flags: Flags = { i: false, m: false, s: false, U: false };
  #depth = 0;
  readonly #names = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  parse(): PatternNode {
    const node = this.#alternation();
    if (this.#pos < this.#text.length) decline();
    return node;
  }

  #alternation(): PatternNode {
    if (++this.#depth > NESTING_MAX) decline();
    const options = [this.#sequence()];
    while (this.#take('|')) options.push(this.#sequence());
    this.#depth--;
    return options.length === 1 ? options[0] : { kind: 'alternate', options };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.#pos < this.#text.length && !'|)'.includes(this.#text[this.#pos])) parts.push(this.#repeated());
    return concat(parts);
  }

  #repeated(): PatternNode {
    const body = this.#atom();
    const bounds = this.#quantifier();
    if (bounds === undefined) return body;
    if (body.kind === 'assertion' || body.kind === 'empty') decline();
    const lazy = this.#take('?');
    if (this.#quantifier() !== undefined) decline();
    return { kind: 'repeat', body, min: bounds[0], max: bounds[1], greedy: lazy === this.#flags.U };
  }

  #quantifier(): readonly [min: number, max: number] | undefined {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    const count = this.#match(COUNT);
    if (count === undefined) return undefined;
    const min = Number(count[1]);
    const max = count[2] === undefined ? min : count[3] === '' ? Infinity : Number(count[3]);
    if (min > REPEAT_MAX || (max !== Infinity && max > REPEAT_MAX) || min > max) decline();
    return [min, max];
  }

  #atom(): PatternNode {
    const char = this.#text[this.#pos];
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '\\':
        return this.#escape();
      case '.':
        this.#pos++;
        return { kind: 'chars', set: this.#flags.s ? ANY : NO_NEWLINE, negated: false, fold: undefined };
      case '^':
        this.#pos++;
        return this.#flags.m ? assertion('(?<=^|\\n)') : { kind: 'assertion', of: 'start', source: '^' };
      case '$':
        this.#pos++;
        return assertion(this.#flags.m ? '(?=$|\\n)' : '$');
      default:
        // A bracket that is no count is a literal, as in RE2.
        if (char !== '{' && QUANTIFIERS.includes(char)) decline();
        return this.#literal(this.#codePoint());
    }
  }

  #group(): PatternNode {
    const outer = this.#flags;
    const flags = this.#match(FLAG_GROUP);
    if (flags !== undefined) {
      this.#flags = changed(outer, flags[1], flags[2] ?? '');
      // Flags without a colon hold until the group around them ends.
      if (flags[3] === ')') return flags[1] === '' && flags[2] === undefined ? decline() : EMPTY;
      return this.#closed(outer);
    }
    const name = this.#match(NAMED_GROUP)?.[1] ?? '';
    if (name === '') {
      if (!this.#take('(') || this.#text[this.#pos] === '?') decline();
    } else if (this.#names.has(name)) decline();
    else this.#names.add(name);
    return { kind: 'capture', body: this.#closed(outer), name };
  }

  #closed(outer: Flags): PatternNode {
    const body = this.#alternation();
    if (!this.#take(')')) decline();
    this.#flags = outer;
    return body;
  }

  #escape(): PatternNode {
    const perl = this.#perlClass();
    if (perl !== undefined) return this.#chars(perl.set, perl.negated);
    const assertions: Readonly<Record<string, PatternNode>> = {
      A: { kind: 'assertion', of: 'start', source: '^' },
      z: assertion('$'),
      // Under /iu, JavaScript's \b takes the Kelvin sign and the long s for word characters.
      b: assertion('(?-i:\\b)'),
    };
    const letter = this.#text[this.#pos + 1];
    if (letter !== undefined && Object.hasOwn(assertions, letter)) {
      this.#pos += 2;
      return assertions[letter];
    }
    return this.#literal(this.#escapedCodePoint());
  }

  #perlClass(): { readonly set: readonly number[]; readonly negated: boolean } | undefined {
    const letter = this.#text[this.#pos] === '\\' ? (this.#text[this.#pos + 1] ?? '') : '';
    const lower = letter.toLowerCase();
    if (letter === '' || !Object.hasOwn(PERL_CLASSES, lower)) return undefined;
    this.#pos += 2;
    return { set: PERL_CLASSES[lower], negated: letter !== lower };
  }

  #escapedCodePoint(): number {
    const hex = this.#match(HEX);
    if (hex !== undefined) {
      const code = Number.parseInt(hex[1] ?? hex[2], 16);
      return code > 0x10ffff || isSurrogate(code) ? decline() : code;
    }
    this.#pos++;
    const char = this.#text[this.#pos++] ?? decline();
    if (Object.hasOwn(SIMPLE_ESCAPES, char)) return SIMPLE_ESCAPES[char];
    return /^[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]$/.test(char) ? char.charCodeAt(0) : decline();
  }

  #class(): PatternNode {
    this.#pos++;
    const negated = this.#take('^');
    const ranges: number[] = [];
    for (let first = true; first || this.#text[this.#pos] !== ']'; first = false) {
      if (this.#pos >= this.#text.length) decline();
      const part = this.#perlClass() ?? this.#posixClass();
      if (part !== undefined) {
        if (part.negated && this.#flags.i) decline();
        ranges.push(...(part.negated ? complement(part.set) : part.set));
        continue;
      }
      const from = this.#classChar();
      const isRange = this.#text[this.#pos] === '-' && this.#text[this.#pos + 1] !== ']';
      if (isRange) this.#pos++;
      const to = isRange ? this.#classChar() : from;
      if (to < from) decline();
      ranges.push(from, to);
    }
    this.#pos++;
    return this.#chars(charSet(ranges), negated);
  }

  #posixClass(): { readonly set: readonly number[]; readonly negated: boolean } | undefined {
    if (!this.#text.startsWith('[:', this.#pos)) return undefined;
    const match = this.#match(POSIX_CLASS) ?? decline();
    if (!Object.hasOwn(POSIX_CLASSES, match[2])) decline();
    return { set: POSIX_CLASSES[match[2]], negated: match[1] !== '' };
  }

  #classChar(): number {
    return this.#text[this.#pos] === '\\' ? this.#escapedCodePoint() : this.#codePoint();
  }

  #codePoint(): number {
    const code = this.#text.codePointAt(this.#pos) ?? decline();
    if (isSurrogate(code)) decline();
    this.#pos += code > 0xffff ? 2 : 1;
    return code;
  }

  #literal(code: number): PatternNode {
    return this.#chars([code, code], false);
  }

  #chars(set: readonly number[], negated: boolean): PatternNode {
    return { kind: 'chars', set, negated, fold: ignoresCase(set) ? undefined : this.#flags.i };
  }

  #take(char: string): boolean {
    if (this.#text[this.#pos] !== char) return false;
    this.#pos++;
    return true;
  }

  #match(expected: RegExp): RegExpExecArray | undefined {
    const match = expected.exec(this.#text.slice(this.#pos));
    if (match === null) return undefined;
    this.#pos += match[0].length;
    return match;
  }
}

function decline(): never {
  throw new Declined();
}

function assertion(source: string): PatternNode {
  return { kind: 'assertion', of: 'other', source };
}

function changed(flags: Flags, on: string, off: string): Flags {
  const result = { ...flags };
  for (const flag of on) result[flag as keyof Flags] = true;
  for (const flag of off) result[flag as keyof Flags] = false;
  return result;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}
