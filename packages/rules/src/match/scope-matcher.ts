import type { ScopeName } from './item-rule.ts';
import type { LibraryMatch, MatchType } from './match-settings.ts';
import { textMatcher, type TextMatcher } from './text-matcher.ts';

/** Whether a scope matches every entry of `libraries`; as in the Collector, several entries must all match. */
export class ScopeMatcher {
  readonly #names: readonly TextMatcher[];
  readonly #versions: readonly TextMatcher[];

  constructor(libraries: readonly LibraryMatch[], type: MatchType | undefined) {
    this.#names = libraries.map(({ name }) => textMatcher([name], type));
    this.#versions = libraries.flatMap(({ version }) => (version === undefined ? [] : [textMatcher([version], type)]));
  }

  matches(scope: ScopeName): boolean {
    if (this.#names.length === 0) return true;
    const { name, version } = scope;
    return (
      this.#names.every((matcher) => matcher.matches(name)) &&
      this.#versions.every((matcher) => matcher.matches(version))
    );
  }
}
