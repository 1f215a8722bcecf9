import { compilePattern, type Pattern } from '@millrace/pattern';
import type { MatchType } from './match-settings.ts';

/** Whether a text is one of a list. */
export interface TextMatcher {
  matches(text: string): boolean;
}

/** `type` may be missing only where there is nothing to compare. */
export function textMatcher(texts: readonly string[], type: MatchType | undefined): TextMatcher {
  return type === 'regexp' ? new PatternMatcher(texts) : new StrictMatcher(texts);
}

class StrictMatcher implements TextMatcher {
  readonly #texts: ReadonlySet<string>;

  constructor(texts: readonly string[]) {
    this.#texts = new Set(texts);
  }

  matches(text: string): boolean {
    return this.#texts.has(text);
  }
}

class PatternMatcher implements TextMatcher {
  readonly #patterns: readonly Pattern[];

  constructor(texts: readonly string[]) {
    this.#patterns = [...new Set(texts)].map((text) => compilePattern(text));
  }

  matches(text: string): boolean {
    for (let i = 0; i < this.#patterns.length; i++) if (this.#patterns[i].test(text)) return true;
    return false;
  }
}
