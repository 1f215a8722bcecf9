import type { Signal } from '@millrace/api';
import { countItems, splitChunks } from '@millrace/otlp';
import { sliceItems } from './slice-items.ts';

/** OTLP data of one part: the whole of it, or what is left when items were taken out. */
export interface Piece {
  /** Index of the part. */
  readonly part: number;
  readonly chunks: readonly Uint8Array[];
  readonly items: number;
}

/** Items by their position in a part: from `from` up to, and without, `to`. */
export interface ItemRange {
  readonly from: number;
  readonly to: number;
}

/** The first `at` items and the others. What cannot be cut comes whole, with nothing else. */
export function cut(signal: Signal, piece: Piece, at: number): [Piece, Piece] {
  return [range(signal, piece, 0, at), range(signal, piece, at, Infinity)];
}

/** One piece for each item. */
export function singles(signal: Signal, piece: Piece): Piece[] {
  return splitChunks(signal, piece.chunks, { itemsMax: 1 }).map((chunks) => pieceOf(signal, piece.part, chunks));
}

/** The piece without the items of the given ranges, which are sorted and apart. */
export function without(signal: Signal, piece: Piece, ranges: readonly ItemRange[]): Piece[] {
  if (ranges.length === 0) return [piece];
  const kept: Piece[] = [];
  let start = 0;
  for (const { from, to } of ranges) {
    if (from > start) kept.push(range(signal, piece, start, from));
    start = to;
  }
  if (start < piece.items) kept.push(range(signal, piece, start, Infinity));
  return kept;
}

function range(signal: Signal, piece: Piece, from: number, to: number): Piece {
  return pieceOf(signal, piece.part, sliceItems(signal, piece.chunks, from, to));
}

function pieceOf(signal: Signal, part: number, chunks: readonly Uint8Array[]): Piece {
  return { part, chunks, items: chunks.reduce((sum, chunk) => sum + countItems(signal, chunk), 0) };
}
