import type { Piece } from './piece.ts';
import type { Plan } from './plan.ts';

/**
 * Pieces are merged up to so many bytes of OTLP. Servers refuse large messages for good (gRPC's accept 4 MiB by default, and
 * encoding as JSON or adding attributes makes them larger): what could have been delivered alone must not become
 * undeliverable because it met others. Larger requests gain nothing either: a request costs as much as 30 kB of its body.
 */
export const MERGE_BYTES_MAX = 1024 * 1024;

/** Pieces that go through the steps together. */
export interface MergeGroup {
  /** Index into the order's contexts; -1 where contexts are not kept apart. */
  readonly context: number;
  readonly pieces: readonly Piece[];
}

/**
 * Who is merged with whom: neighbours of the same context, up to {@link MERGE_BYTES_MAX}. A larger part stays whole and alone;
 * the pieces of one part stay together, as a failure that may pass concerns all of them. What a stateful step made up, and
 * what a queue gathered by its own limits, is one group.
 */
export function mergeGroups(plan: Plan, contexts: readonly number[], pieces: readonly Piece[]): readonly MergeGroup[] {
  if (pieces.length === 0) return [];
  const limit = limitOf(plan);
  if (contexts.length === 0) return bounded(-1, pieces, limit);
  const byContext = Map.groupBy(pieces, (piece) => contexts[piece.part]);
  return [...byContext].flatMap(([context, group]) => bounded(context, group, limit));
}

function limitOf({ signal, validate }: Plan): number {
  // Requests of profiles cannot be merged by concatenation: each has a dictionary of its own that its profiles point into.
  if (signal === 'profiles') return 0;
  return validate ? MERGE_BYTES_MAX : Infinity;
}

function bounded(context: number, pieces: readonly Piece[], limit: number): MergeGroup[] {
  const groups: MergeGroup[] = [];
  let group: Piece[] = [];
  let groupBytes = 0;
  for (let at = 0; at < pieces.length;) {
    let end = at;
    let partBytes = 0;
    for (; end < pieces.length && pieces[end].part === pieces[at].part; end++) partBytes += bytesOf(pieces[end]);
    if (group.length > 0 && groupBytes + partBytes > limit) {
      groups.push({ context, pieces: group });
      group = [];
      groupBytes = 0;
    }
    for (; at < end; at++) group.push(pieces[at]);
    groupBytes += partBytes;
  }
  groups.push({ context, pieces: group });
  return groups;
}

function bytesOf({ chunks }: Piece): number {
  let bytes = 0;
  for (const chunk of chunks) bytes += chunk.length;
  return bytes;
}
