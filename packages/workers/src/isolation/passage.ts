import type { DeliveryError } from '@millrace/api';
import type { GrindResult, LeafBatch, Part, PartOutcome } from '../mill.ts';
import type { Segment } from './cut-plan.ts';

/** What came of parts that went through a segment and all that is behind it. */
export interface Passage {
  /** Of the segment itself, by part. */
  readonly outcomes: readonly PartOutcome[];
  /** Leaves of the whole plan; `parts` are those of the segment. */
  readonly leaves: readonly LeafBatch[];
  /** What failed behind the segment. */
  readonly failures: readonly LateFailure[];
  readonly steps: GrindResult['steps'];
  readonly counts: GrindResult['counts'];
  readonly busyMs: number;
}

/** Something that failed in a later segment than the one that it is told to. */
export interface LateFailure {
  /** It may concern any of these. */
  readonly parts: readonly number[];
  readonly failedItems: number;
  readonly error: DeliveryError;
  /** Positions in the part, where it is the only one and nothing was changed before. */
  readonly killers: PartOutcome['killers'];
}

/** Puts parts through a segment, and what comes out through those behind it. The parts' regions stay the caller's. */
export async function pass(
  segment: Segment,
  parts: readonly Part[],
  grind: (segment: Segment, parts: readonly Part[]) => Promise<GrindResult>,
): Promise<Passage> {
  const result = await grind(segment, parts);
  const passages = await Promise.allSettled(
    result.leaves.map(async (leaf): Promise<Omit<Passage, 'outcomes'>> => {
      const exit = segment.exits[leaf.leaf];
      if (exit.to === 'leaf') return { ...NOTHING, leaves: [{ ...leaf, leaf: exit.leaf }] };
      try {
        const { context } = leaf;
        const next = leaf.regions.map((region) => ({ region, form: undefined, context }));
        return behind(await pass(exit.segment, next, grind), leaf, exit.isDirect);
      } finally {
        release([leaf]);
      }
    }),
  );
  const failed = passages.find((each) => each.status === 'rejected');
  const done = passages.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  if (failed !== undefined) {
    for (const { leaves } of done) release(leaves);
    throw failed.reason;
  }
  return {
    outcomes: result.parts,
    leaves: done.flatMap(({ leaves }) => leaves),
    failures: done.flatMap(({ failures }) => failures),
    steps: [result.steps, ...done.map(({ steps }) => steps)].flat(),
    counts: [result.counts, ...done.map(({ counts }) => counts)].flat(),
    busyMs: done.reduce((sum, { busyMs }) => sum + busyMs, result.busyMs),
  };
}

/** Lets go of what leaves hold. */
export function release(leaves: readonly LeafBatch[]): void {
  for (const { regions } of leaves) for (const region of regions) region.release();
}

const NOTHING: Omit<Passage, 'outcomes' | 'leaves'> = { failures: [], steps: [], counts: [], busyMs: 0 };

/** A later passage as its predecessor sees it: everything in it comes from the parts of one leaf. */
function behind(passage: Passage, { parts }: LeafBatch, isDirect: boolean): Omit<Passage, 'outcomes'> {
  const failures: LateFailure[] = [];
  let before = 0;
  for (const { items, failedItems, error, killers } of passage.outcomes) {
    const from = before;
    before += items;
    if (error === undefined) continue;
    const moved = killers?.map((range) => ({ from: range.from + from, to: range.to + from }));
    failures.push({ parts, failedItems, error, killers: isDirect ? moved : undefined });
  }
  for (const failure of passage.failures) {
    failures.push({
      ...failure,
      parts,
      killers: isDirect && passage.outcomes.length === 1 ? failure.killers : undefined,
    });
  }
  const { leaves, steps, counts, busyMs } = passage;
  return { leaves: leaves.map((leaf) => ({ ...leaf, parts })), failures, steps, counts, busyMs };
}
