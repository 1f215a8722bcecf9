/**
 * A pattern in pieces: what lies before, between and behind its named groups. Matching tells the texts of groups and not their
 * places; with a group of its own around every piece, the places follow from the lengths.
 */
export type Alternatives = readonly (readonly Piece[])[];
export type Piece = TextPiece | NamedPiece | GroupPiece;

/** Everything without a named group in it. */
export interface TextPiece {
  readonly kind: 'text';
  readonly source: string;
  /** Capturing groups in it. */
  readonly captures: number;
  /** `(?i)` and the like in it, which go on to hold behind it. */
  readonly flags: string;
}

export interface NamedPiece {
  readonly kind: 'named';
  readonly name: string;
  /** With its parentheses. */
  readonly source: string;
  /** Capturing groups in it, itself included. */
  readonly captures: number;
  readonly quantifier: string;
}

/** A group without a name that has named ones in it. */
export interface GroupPiece {
  readonly kind: 'group';
  /** `(`, `(?:`, `(?i:`. */
  readonly open: string;
  readonly inside: Alternatives;
  readonly quantifier: string;
}

const OPEN = /\((?:\?(?:P?<(?<name>\w+)>|(?<flags>[a-zA-Z-]*)(?<end>[:)])))?/y;
const QUANTIFIER = /(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??/y;
const QUOTED = /\\Q[^]*?(?:\\E|$)/y;
const CLASS = /\[\^?\]?(?:\[:\^?[a-z]+:\]|\\[^]|[^\]\\])*\]/y;
const ATOM = /\\?[^]/uy;

/** Takes a valid pattern in RE2's syntax apart. */
export function layoutOf(source: string): Alternatives {
  return new Scanner(source).alternatives();
}

/** Whether something with this quantifier can occur more than once. */
export function isRepeated(quantifier: string): boolean {
  return quantifier !== '' && !/^(?:\?|\{[01]\}|\{0,1\})\??$/.test(quantifier);
}

class Scanner {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Up to the end, or to the parenthesis that closes the present group. */
  alternatives(): Alternatives {
    const all: Piece[][] = [[]];
    while (this.#at < this.#source.length && this.#source[this.#at] !== ')') {
      if (this.#source[this.#at] === '|') {
        this.#at++;
        all.push([]);
        continue;
      }
      const pieces = all[all.length - 1];
      const next = this.#piece();
      const last = pieces.at(-1);
      if (next.kind === 'text' && last?.kind === 'text') pieces[pieces.length - 1] = joined(last, next);
      else pieces.push(next);
    }
    return all;
  }

  #piece(): Piece {
    const from = this.#at;
    if (this.#source[from] === '(') return this.#group();
    for (const token of [QUOTED, CLASS, ATOM]) if (this.#take(token) !== undefined) break;
    return { kind: 'text', source: this.#source.slice(from, this.#at), captures: 0, flags: '' };
  }

  #group(): Piece {
    const from = this.#at;
    const { name, flags, end } = this.#take(OPEN)?.groups ?? {};
    const open = this.#source.slice(from, this.#at);
    if (flags !== undefined && end === ')') return { kind: 'text', source: open, captures: 0, flags: open };
    const inside = this.alternatives();
    this.#at++;
    const source = this.#source.slice(from, this.#at);
    const quantifier = this.#take(QUANTIFIER)?.[0] ?? '';
    const captures = capturesIn(inside) + (flags === undefined ? 1 : 0);
    if (name !== undefined) return { kind: 'named', name, source, captures, quantifier };
    if (inside.flat().some(({ kind }) => kind !== 'text')) return { kind: 'group', open, inside, quantifier };
    return { kind: 'text', source: source + quantifier, captures, flags: '' };
  }

  #take(token: RegExp): RegExpExecArray | undefined {
    token.lastIndex = this.#at;
    const match = token.exec(this.#source) ?? undefined;
    if (match !== undefined) this.#at = token.lastIndex;
    return match;
  }
}

function joined(first: TextPiece, second: TextPiece): TextPiece {
  return {
    kind: 'text',
    source: first.source + second.source,
    captures: first.captures + second.captures,
    flags: first.flags + second.flags,
  };
}

function capturesIn(alternatives: Alternatives): number {
  let count = 0;
  for (const piece of alternatives.flat()) {
    count += piece.kind === 'group' ? capturesIn(piece.inside) + (piece.open === '(' ? 1 : 0) : piece.captures;
  }
  return count;
}
