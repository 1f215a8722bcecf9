/** What happened in a tier since it was made. */
export interface TierCounts {
  hits: number;
  misses: number;
  /** Entries that went for want of room, not of age. */
  evictions: number;
}

export function noCounts(): TierCounts {
  return { hits: 0, misses: 0, evictions: 0 };
}

/** A tier as metrics see it. */
export interface TierView {
  readonly counts: Readonly<TierCounts>;
  readonly entries: number;
  readonly bytes: number;
}
