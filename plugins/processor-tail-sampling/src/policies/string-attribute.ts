import { type AttributesView, Key } from '@millrace/otlp';
import { textMatcher, type TextMatcher } from '@millrace/rules';
import { LRUCache } from 'lru-cache';
import type { AttributeTest } from './attribute-policy.ts';

/** How many results the Collector remembers unless told otherwise. */
const REMEMBERED_DEFAULT = 128;

export interface StringAttributeSettings {
  readonly key: string;
  readonly values: readonly string[];
  readonly enabled_regex_matching: boolean;
  readonly cache_max_size: number;
}

/** A string that is one of a list, or in which one of a list of expressions finds something. */
export class StringAttribute implements AttributeTest {
  readonly #key: Key;
  readonly #matcher: TextMatcher;
  readonly #remembered: LRUCache<string, boolean> | undefined;

  constructor(settings: StringAttributeSettings) {
    const { values, enabled_regex_matching: byPattern, cache_max_size: max } = settings;
    this.#key = new Key(settings.key);
    this.#matcher = textMatcher(
      byPattern ? values : values.filter((value) => value !== ''),
      byPattern ? 'regexp' : 'strict',
    );
    this.#remembered = byPattern ? new LRUCache({ max: max === 0 ? REMEMBERED_DEFAULT : max }) : undefined;
  }

  matches(attributes: AttributesView): boolean {
    const value = attributes.getString(this.#key);
    if (value === undefined) return false;
    const remembered = this.#remembered;
    if (remembered === undefined) return this.#matcher.matches(value);
    const known = remembered.get(value);
    if (known !== undefined) return known;
    const matches = this.#matcher.matches(value);
    remembered.set(value, matches);
    return matches;
  }
}
