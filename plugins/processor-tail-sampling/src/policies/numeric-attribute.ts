import { type AttributesView, Key } from '@millrace/otlp';
import type { AttributeTest } from './attribute-policy.ts';

/** A number within bounds, which belong to it. */
export class NumericAttribute implements AttributeTest {
  readonly #key: Key;
  readonly #min: number;
  readonly #max: number;

  /** 0 stands for no bound, as in the Collector. */
  constructor(settings: { readonly key: string; readonly min_value: number; readonly max_value: number }) {
    this.#key = new Key(settings.key);
    this.#min = settings.min_value === 0 ? -Infinity : settings.min_value;
    this.#max = settings.max_value === 0 ? Infinity : settings.max_value;
  }

  matches(attributes: AttributesView): boolean {
    const value = attributes.get(this.#key);
    // Comparing a bigint with a number is exact.
    return (typeof value === 'number' || typeof value === 'bigint') && value >= this.#min && value <= this.#max;
  }
}
