import { compilePattern, type Pattern } from '@millrace/pattern';
import { type Alternatives, isRepeated, layoutOf, type Piece } from './pattern-layout.ts';

/** Where a named group matched. */
export interface PlacedGroup {
  readonly name: string;
  readonly text: string;
  readonly start: number;
}

/** A piece with the number of the group around it, counted from 0. */
interface Numbered {
  readonly around: number;
  /** Of a named piece: its own group, which is the last of several turns where it is repeated. */
  readonly own: number;
  readonly name: string;
  readonly inside: readonly (readonly Numbered[])[];
}

/** A pattern whose matches tell where each named group was. Those within other named groups are left out. */
export class PlacedPattern {
  readonly #pattern: Pattern;
  readonly #layout: readonly (readonly Numbered[])[];

  /** Throws PatternError for what is no pattern. */
  constructor(source: string) {
    compilePattern(source);
    const writer = new Writer();
    this.#layout = writer.alternatives(layoutOf(source));
    this.#pattern = compilePattern(writer.text);
  }

  /** The named groups that took part in the match, in their order in the text; undefined when nothing matches. */
  places(text: string): PlacedGroup[] | undefined {
    const match = this.#pattern.exec(text);
    if (match === null) return undefined;
    const found: PlacedGroup[] = [];
    place(this.#layout, match.start, match.groups, found);
    return found;
  }
}

/** Whether a named group lies in a group that is repeated, so that its place cannot be told. */
export function hasRepeatedPlaces(source: string): boolean {
  const isWithin = (alternatives: Alternatives): boolean =>
    alternatives
      .flat()
      .some((piece) => piece.kind === 'group' && (isRepeated(piece.quantifier) || isWithin(piece.inside)));
  return isWithin(layoutOf(source));
}

function place(
  alternatives: readonly (readonly Numbered[])[],
  from: number,
  groups: readonly (string | undefined)[],
  found: PlacedGroup[],
): void {
  for (const pieces of alternatives) {
    let at = from;
    for (const { around, own, name, inside } of pieces) {
      const text = groups[around];
      if (text === undefined) continue;
      const last = own < 0 ? undefined : groups[own];
      if (last !== undefined) found.push({ name, text: last, start: at + text.length - last.length });
      place(inside, at, groups, found);
      at += text.length;
    }
  }
}

/** Writes the pattern with a group around every piece. */
class Writer {
  text = '';
  #groups = 0;

  alternatives(alternatives: Alternatives): Numbered[][] {
    return alternatives.map((pieces, index) => {
      if (index > 0) this.text += '|';
      return pieces.map((piece) => this.#piece(piece));
    });
  }

  #piece(piece: Piece): Numbered {
    const around = this.#groups++;
    this.text += '(';
    let own = -1;
    let inside: Numbered[][] = [];
    if (piece.kind === 'group') {
      this.text += piece.open;
      if (piece.open === '(') this.#groups++;
      inside = this.alternatives(piece.inside);
      this.text += `)${piece.quantifier}`;
    } else {
      if (piece.kind === 'named') own = this.#groups;
      this.#groups += piece.captures;
      this.text += piece.source + (piece.kind === 'named' ? piece.quantifier : '');
    }
    this.text += `)${piece.kind === 'text' ? piece.flags : ''}`;
    return { around, own, name: piece.kind === 'named' ? piece.name : '', inside };
  }
}
