import type { Subject } from './subject.ts';

/** A promise that components make. */
export interface Rule {
  /** `<section>/<name>`; stable. */
  readonly id: string;
  /** The promise as a sentence. */
  readonly says: string;
  /** Whether the component can keep or break it, given what the test told about it. */
  appliesTo(subject: Subject): boolean;
  /** Everything that speaks against it. */
  check(subject: Subject): Promise<readonly Violation[]>;
}

/** One way in which a rule is broken. */
export interface Violation {
  readonly seen: string;
  readonly remedy: string;
}

/** What came of a rule. */
export interface Verdict {
  readonly rule: Rule;
  /** `processor "batch"`. */
  readonly component: string;
  readonly violations: readonly Violation[];
}

/** All that is needed to understand a broken rule, for people. */
export function describeVerdict({ rule, component, violations }: Verdict): string {
  const lines = violations.map(({ seen, remedy }) => `  - ${seen}\n    what to do: ${remedy}`);
  return `${component} breaks ${rule.id}: ${rule.says}\n${lines.join('\n')}`;
}

export const always = (): boolean => true;
