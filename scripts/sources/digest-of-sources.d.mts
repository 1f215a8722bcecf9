export interface SourcesOfDigest {
  /** Relative to the root. */
  readonly files: readonly string[];
  /** Relative to each package and plugin. */
  readonly parts: readonly string[];
}

export function digestOfSources(root: string, sources: SourcesOfDigest): string;
