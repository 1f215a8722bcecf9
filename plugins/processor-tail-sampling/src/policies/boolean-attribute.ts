import { type AttributesView, Key } from '@millrace/otlp';
import type { AttributeTest } from './attribute-policy.ts';

/** A boolean of one value. */
export class BooleanAttribute implements AttributeTest {
  readonly #key: Key;
  readonly #value: boolean;

  constructor(settings: { readonly key: string; readonly value: boolean }) {
    this.#key = new Key(settings.key);
    this.#value = settings.value;
  }

  matches(attributes: AttributesView): boolean {
    return attributes.get(this.#key) === this.#value;
  }
}
