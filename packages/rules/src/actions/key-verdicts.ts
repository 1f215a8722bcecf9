import { key, type Key } from '@millrace/otlp';
import { compilePattern, type Pattern } from '@millrace/pattern';

/** Attributes of one item whose verdicts are remembered. */
const POSITIONS_MAX = 64;

/** The part of an attribute that is looked at. */
interface Keyed {
  readonly key: string;
  hasKey(key: Key): boolean;
}

/**
 * Whether keys match a pattern. The items of a source mostly have the same keys in the same places, so the last verdict for each
 * place is kept: where the key is the same, its bytes are compared, and nothing is decoded. "delete by pattern" in
 * benchmarks/micro/attributes.ts.
 */
export class KeyVerdicts {
  readonly #pattern: Pattern;
  readonly #keys: Key[] = [];
  readonly #verdicts: boolean[] = [];
  #position = 0;

  constructor(pattern: string) {
    this.#pattern = compilePattern(pattern);
  }

  /** To be called before the attributes of each item. */
  restart(): void {
    this.#position = 0;
  }

  /** To be called with the attributes of an item in their order. */
  matches(attribute: Keyed): boolean {
    const position = this.#position++;
    if (position < this.#keys.length && attribute.hasKey(this.#keys[position])) return this.#verdicts[position];
    const text = attribute.key;
    const verdict = this.#pattern.test(text);
    if (position < POSITIONS_MAX) {
      this.#keys[position] = key(text);
      this.#verdicts[position] = verdict;
    }
    return verdict;
  }
}
