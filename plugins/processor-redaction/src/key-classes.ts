import { key, type Key } from '@millrace/otlp';
import { compilePattern, type Pattern } from '@millrace/pattern';
import { SUMMARY_KEYS, type SummaryLevel } from './redaction-summary.ts';

/** Attributes of one item, and keys in bodies, whose classes are remembered. */
const POSITIONS_MAX = 64;
const KEYS_MAX = 4_096;

/**
 * What a key decides: it passes as it is, goes, has its value masked, or has its value checked. `summary`: it is of what redactions
 * say of themselves, and is left alone.
 */
export type KeyClass = 'ignored' | 'removed' | 'masked' | 'checked' | 'summary';

/** The part of an attribute that is looked at. */
interface Keyed {
  readonly key: string;
  hasKey(key: Key): boolean;
}

/**
 * Classes of keys. The items of a source mostly have the same keys in the same places, so the last one for each place is kept:
 * where the key is the same, its bytes are compared, and nothing is decoded.
 */
export class KeyClasses {
  readonly #allowed: ReadonlySet<string> | undefined;
  readonly #ignored: ReadonlySet<string>;
  readonly #ignoredPatterns: readonly Pattern[];
  readonly #blockedPatterns: readonly Pattern[];
  readonly #summary: SummaryLevel | undefined;
  readonly #places: Key[] = [];
  readonly #placeClasses: KeyClass[] = [];
  readonly #known = new Map<string, KeyClass>();
  #place = 0;
  /** Every key is of the class `checked`, but those of summaries. */
  readonly isTrivial: boolean;

  /** `summary` is for attributes: keys in bodies that are called like those of summaries are keys like all others. */
  constructor(
    settings: {
      readonly allow_all_keys: boolean;
      readonly allowed_keys: readonly string[];
      readonly ignored_keys: readonly string[];
      readonly ignored_key_patterns: readonly string[];
      readonly blocked_key_patterns: readonly string[];
    },
    summary?: SummaryLevel,
  ) {
    const { allow_all_keys, allowed_keys, ignored_keys } = settings;
    this.#allowed = allow_all_keys ? undefined : new Set(allowed_keys);
    this.#summary = summary;
    this.#ignored = new Set(ignored_keys);
    this.#ignoredPatterns = settings.ignored_key_patterns.map((pattern) => compilePattern(pattern));
    this.#blockedPatterns = settings.blocked_key_patterns.map((pattern) => compilePattern(pattern));
    const rules = this.#ignored.size + this.#ignoredPatterns.length + this.#blockedPatterns.length;
    this.isTrivial = allow_all_keys && rules === 0;
  }

  /** To be called before the attributes of each item. */
  restart(): void {
    this.#place = 0;
  }

  /** To be called with the attributes of an item in their order. */
  ofAttribute(attribute: Keyed): KeyClass {
    const place = this.#place++;
    if (place < this.#places.length && attribute.hasKey(this.#places[place])) return this.#placeClasses[place];
    const text = attribute.key;
    const found = this.of(text);
    if (place < POSITIONS_MAX) {
      this.#places[place] = key(text);
      this.#placeClasses[place] = found;
    }
    return found;
  }

  of(text: string): KeyClass {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const found = this.#classify(text);
    // Keys that are made from data could be without end; starting over is cheaper than keeping track of age.
    if (this.#known.size >= KEYS_MAX) this.#known.clear();
    this.#known.set(text, found);
    return found;
  }

  #classify(text: string): KeyClass {
    // A redaction that says nothing of itself does not keep what others say either.
    if (this.#summary !== undefined && SUMMARY_KEYS.has(text))
      return this.#summary === 'silent' && this.#allowed?.has(text) === false ? 'removed' : 'summary';
    if (this.#ignored.has(text) || this.#ignoredPatterns.some((pattern) => pattern.test(text))) return 'ignored';
    if (this.#allowed !== undefined && !this.#allowed.has(text)) return 'removed';
    return this.#blockedPatterns.some((pattern) => pattern.test(text)) ? 'masked' : 'checked';
  }
}
