/** Where a pattern matched. */
export interface PatternMatch {
  /** In UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** What the groups captured, first group first; undefined for one that took no part. */
  readonly groups: readonly (string | undefined)[];
}

/** A regular expression in RE2's syntax that matches in time linear in the text: what statements are given by their host. */
export interface Pattern {
  readonly source: string;
  /** By group, first group first; '' for one without a name. */
  readonly groupNames: readonly string[];
  /** Whether some part of `text` matches. */
  test(text: string): boolean;
  /** The leftmost match that begins at or behind `from`, in UTF-16 units. */
  exec(text: string, from?: number): PatternMatch | null;
}

/** Throws for what RE2 does not take. */
export type CompilePattern = (source: string) => Pattern;
