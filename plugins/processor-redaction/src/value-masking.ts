import { compilePattern, type Pattern } from '@millrace/pattern';
import type { Mask } from './mask.ts';

/** All of a line. */
const LINE = '.*';

/** Which values pass, and what becomes of those that do not. */
export class ValueMasking {
  readonly #blocked: readonly Pattern[];
  readonly #allowed: readonly Pattern[];
  readonly #line: Pattern = compilePattern(LINE);
  readonly #mask: Mask;
  /** Whether values matter at all. */
  readonly looksAtValues: boolean;

  constructor(settings: {
    readonly blocked_values: readonly string[];
    readonly allowed_values: readonly string[];
    readonly mask: Mask;
  }) {
    this.#blocked = settings.blocked_values.map((pattern) => compilePattern(pattern));
    this.#allowed = settings.allowed_values.map((pattern) => compilePattern(pattern));
    this.#mask = settings.mask;
    this.looksAtValues = this.#blocked.length > 0 || this.#allowed.length > 0;
  }

  /** Whether the value is left as it is whatever else holds. */
  allows(text: string): boolean {
    for (const pattern of this.#allowed) if (pattern.test(text)) return true;
    return false;
  }

  /** The text with all that is blocked masked; the same text where nothing is. */
  masked(text: string): string {
    let now = text;
    for (const pattern of this.#blocked) if (pattern.test(now)) now = replaceAll(pattern, now, this.#mask);
    return now;
  }

  /** Nothing of the text but its line breaks is left, as in the Collector. */
  maskedWhole(text: string): string {
    return replaceAll(this.#line, text, this.#mask);
  }
}

/** As Go's ReplaceAllStringFunc: an empty match right behind another match does not count. */
export function replaceAll(pattern: Pattern, text: string, mask: Mask): string {
  let replaced = '';
  let lastEnd = 0;
  for (let from = 0; from <= text.length;) {
    const match = pattern.exec(text, from);
    if (match === null) break;
    const { start, end } = match;
    replaced += text.slice(lastEnd, start);
    if (end > lastEnd || start === 0) replaced += mask(text.slice(start, end));
    lastEnd = end;
    const next = from + ((text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1);
    from = next > end ? next : end;
  }
  return replaced + text.slice(lastEnd);
}
