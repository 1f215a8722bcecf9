import type { Signal } from '@millrace/api';
import type { Failure } from './failure.ts';
import { cut } from './piece.ts';
import type { Piece } from './piece.ts';

/** Bound of the search in one part; what is not told apart by then fails together. */
const RUNS_MAX = 512;

/** What the search found. */
export interface Isolation {
  /** Went through the steps. */
  readonly good: readonly Piece[];
  readonly failedItems: number;
  /** The first thing that a step said; undefined if the part went through after all. */
  readonly failure: Failure | undefined;
}

/**
 * Finds the items of one part that make a step fail, by halving. `attempt` tries a piece and keeps nothing of it. A
 * failure that may pass by itself concerns the whole part: it is sent again.
 */
export function isolate(
  signal: Signal,
  piece: Piece,
  first: Failure | undefined,
  attempt: (piece: Piece) => Failure | undefined,
): Isolation {
  const good: Piece[] = [];
  let failedItems = 0;
  let runs = 0;
  let failure: Failure | undefined;

  const search = (piece: Piece, known: Failure | undefined): boolean => {
    const found = known ?? attempt(piece);
    runs++;
    if (found === undefined) {
      good.push(piece);
      return true;
    }
    failure ??= found;
    if (found.retryable) {
      failure = found;
      return false;
    }
    if (piece.items <= 1 || runs >= RUNS_MAX) {
      failedItems += piece.items;
      return true;
    }
    const [head, tail] = cut(signal, piece, piece.items >>> 1);
    if (tail.items === 0) {
      // Cannot be cut.
      failedItems += piece.items;
      return true;
    }
    return search(head, undefined) && search(tail, undefined);
  };

  if (search(piece, first)) return { good, failedItems, failure };
  return { good: [], failedItems: piece.items, failure };
}
