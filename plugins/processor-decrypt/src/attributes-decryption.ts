import type { AttributesView } from '@millrace/otlp';
import type { KeyTest, ValueDecryption } from './value-decryption.ts';

type Test = Parameters<AttributesView['deleteWhere']>[0];
type Attribute = Parameters<Test>[0];

/** Decrypts attributes. */
export class AttributesDecryption {
  readonly #values: ValueDecryption;
  readonly #isSearched: KeyTest | undefined;
  readonly #found: string[] = [];
  readonly #visit: Test = (attribute) => this.#note(attribute);

  /** Without a test, all keys are searched. */
  constructor(values: ValueDecryption, isSearched: KeyTest | undefined) {
    this.#values = values;
    this.#isSearched = isSearched;
  }

  apply(attributes: AttributesView): void {
    this.#found.length = 0;
    attributes.deleteWhere(this.#visit);
    for (const key of this.#found) {
      const value = attributes.raw(key);
      const edited = value === undefined ? undefined : this.#values.edit(value);
      if (edited === null) attributes.delete(key);
      else if (edited !== undefined) attributes.setRaw(key, edited);
    }
  }

  /** Notes what may hold something encrypted; removes nothing. */
  #note(attribute: Attribute): boolean {
    const { kind } = attribute;
    const mayBe =
      kind === 'string' ? (attribute.value as string).startsWith('eyJ') : kind === 'kvlist' || kind === 'array';
    if (!mayBe) return false;
    const { key } = attribute;
    if (this.#isSearched === undefined || this.#isSearched(key)) this.#found.push(key);
    return false;
  }
}
