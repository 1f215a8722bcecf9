import type { Value } from '../../value/value.ts';
import { goTypeName, writeValue, type Verb } from './go-verbs.ts';

/** Widest field. Go takes a million, which a format with many verbs would make much of. */
const WIDTH_MAX = 10_000;

interface Piece {
  readonly literal: string;
  readonly verb: Verb | undefined;
  /** Where width, precision and value come from; numbers are argument indexes that were written, from 0. */
  readonly widthFrom: 'none' | 'next' | number;
  readonly precisionFrom: 'none' | 'next' | number;
  readonly valueFrom: 'next' | number;
  readonly badWidth: boolean;
}

// Flags, width, precision and verb; each of the last three may have an argument index.
const VERB =
  /%([+\-# 0]*)(?:(?:\[(\d{1,4})\])?(\*)|(\d+))?(?:\.(?:(?:\[(\d{1,4})\])?(\*)|(\d*)))?(?:\[(\d{1,4})\])?([\s\S])?/gu;

/** Go's fmt.Sprintf for a format that is known beforehand. */
export function compileFormat(format: string): (values: readonly Value[]) => string {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of format.matchAll(VERB)) {
    pieces.push(pieceOf(match, format.slice(end, match.index)));
    end = match.index + match[0].length;
  }
  const rest = format.slice(end);
  const reorders = pieces.some((piece) =>
    [piece.valueFrom, piece.widthFrom, piece.precisionFrom].some(Number.isInteger),
  );
  return (values) => {
    const writer = new Writer(values);
    for (const piece of pieces) writer.write(piece);
    return writer.out + rest + (reorders ? '' : writer.extra());
  };
}

function pieceOf(match: RegExpExecArray, literal: string): Piece {
  const [, flags, widthIndex, widthStar, width, precisionIndex, precisionStar, precision, index, letter] = match;
  return {
    literal,
    verb: {
      letter: letter ?? '',
      plus: flags.includes('+'),
      minus: flags.includes('-'),
      sharp: flags.includes('#'),
      space: flags.includes(' '),
      zero: flags.includes('0') && !flags.includes('-'),
      width: width === undefined ? undefined : Math.min(Number(width), WIDTH_MAX + 1),
      precision: precision === undefined ? undefined : Math.min(Number(precision), WIDTH_MAX + 1),
    },
    widthFrom: widthStar === undefined ? 'none' : widthIndex === undefined ? 'next' : Number(widthIndex) - 1,
    precisionFrom:
      precisionStar === undefined ? 'none' : precisionIndex === undefined ? 'next' : Number(precisionIndex) - 1,
    valueFrom: index === undefined ? 'next' : Number(index) - 1,
    badWidth: Number(width ?? 0) > WIDTH_MAX,
  };
}

/** Fills in one set of arguments. */
class Writer {
  out = '';
  private at = 0;
  private readonly values: readonly Value[];

  constructor(values: readonly Value[]) {
    this.values = values;
  }

  write({ literal, verb, widthFrom, precisionFrom, valueFrom, badWidth }: Piece): void {
    this.out += literal;
    let used = verb!;
    if (used.letter === '%') {
      this.out += '%';
      return;
    }
    if (badWidth) used = this.bad(used, 'WIDTH');
    if (widthFrom !== 'none') used = this.withWidth(used, widthFrom);
    if (precisionFrom !== 'none') used = this.withPrecision(used, precisionFrom);
    else if ((used.precision ?? 0) > WIDTH_MAX) used = this.bad(used, 'PREC');
    if (used.letter === '') {
      this.out += '%!(NOVERB)';
      return;
    }
    if (valueFrom !== 'next') this.at = valueFrom;
    const value = this.values[this.at];
    if (value === undefined) this.out += `%!${used.letter}(${valueFrom === 'next' ? 'MISSING' : 'BADINDEX'})`;
    else this.out += writeValue(used, value);
    this.at++;
  }

  /** What Go writes behind all when arguments are left over. */
  extra(): string {
    if (this.at >= this.values.length) return '';
    const left = this.values
      .slice(this.at)
      .map((value) => (value === null ? '<nil>' : `${goTypeName(value)}=${plain(value)}`));
    return `%!(EXTRA ${left.join(', ')})`;
  }

  private bad(verb: Verb, what: 'WIDTH' | 'PREC'): Verb {
    this.out += `%!(BAD${what})`;
    return what === 'WIDTH' ? { ...verb, width: undefined } : { ...verb, precision: undefined };
  }

  private withWidth(verb: Verb, from: 'next' | number): Verb {
    const width = this.number(from);
    if (width === undefined) return this.bad(verb, 'WIDTH');
    return { ...verb, width: Math.abs(width), minus: verb.minus || width < 0, zero: verb.zero && width >= 0 };
  }

  private withPrecision(verb: Verb, from: 'next' | number): Verb {
    const precision = this.number(from);
    if (precision === undefined || precision < 0) return this.bad(verb, 'PREC');
    return { ...verb, precision };
  }

  private number(from: 'next' | number): number | undefined {
    if (from !== 'next') this.at = from;
    const value = this.values[this.at++];
    if (typeof value !== 'bigint' || value > BigInt(WIDTH_MAX) || value < -BigInt(WIDTH_MAX)) return undefined;
    return Number(value);
  }
}

const PLAIN: Verb = {
  letter: 'v',
  plus: false,
  minus: false,
  sharp: false,
  space: false,
  zero: false,
  width: undefined,
  precision: undefined,
};

function plain(value: Value): string {
  return writeValue(PLAIN, value);
}
