import type { Signal } from '@millrace/api';
import { countItems } from '@millrace/otlp';
import { splitChunks } from './split-chunks.ts';

/** OTLP data of one part: the whole of it, or what is left when items were taken out. */
export interface Piece {
  /** Index of the part. */
  readonly part: number;
  readonly chunks: readonly Uint8Array[];
  readonly items: number;
}

/** The first `at` items and the others. */
export function cut(signal: Signal, piece: Piece, at: number): [Piece, Piece] {
  const [head, ...rest] = splitChunks(signal, piece.chunks, at);
  const tail = rest.flat();
  return [pieceOf(signal, piece.part, head), pieceOf(signal, piece.part, tail)];
}

/** One piece for each item. */
export function singles(signal: Signal, piece: Piece): Piece[] {
  return splitChunks(signal, piece.chunks, 1).map((chunks) => pieceOf(signal, piece.part, chunks));
}

/** The piece without the items of the given ranges (`[from, to)`, sorted, apart). */
export function without(signal: Signal, piece: Piece, ranges: readonly ItemRange[]): Piece[] {
  const kept: Piece[] = [];
  let rest = piece;
  let start = 0;
  for (const { from, to } of ranges) {
    if (from > start) {
      const [head, tail] = cut(signal, rest, from - start);
      kept.push(head);
      rest = tail;
    }
    start = to;
    if (to - from >= rest.items) return kept;
    rest = cut(signal, rest, to - from)[1];
  }
  if (rest.items > 0) kept.push(rest);
  return kept;
}

export interface ItemRange {
  readonly from: number;
  readonly to: number;
}

function pieceOf(signal: Signal, part: number, chunks: readonly Uint8Array[]): Piece {
  return { part, chunks, items: chunks.reduce((sum, chunk) => sum + countItems(signal, chunk), 0) };
}
