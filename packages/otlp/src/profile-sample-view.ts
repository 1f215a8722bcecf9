import type { AttributesView } from './attributes-view.ts';
import { DictionaryAttributes } from './dictionary-attributes.ts';
import type { ProfilesDictionary } from './profiles-dictionary.ts';
import { readFixed64s, readUint64s, writeFixed64s, writeUint64s } from './repeated-scalars.ts';
import * as scalar from './scalar-fields.ts';
import type { WireMessage } from './wire-message.ts';

/** A sample of a profile. A cursor: it shows another sample when the loop goes on. */
export class ProfileSampleView {
  private readonly message: WireMessage;
  private readonly derived: DictionaryAttributes;

  /** @internal */
  constructor(message: WireMessage, dictionary: ProfilesDictionary) {
    this.message = message;
    this.derived = new DictionaryAttributes(message, 2, dictionary);
  }

  get attributes(): AttributesView {
    return this.derived.view;
  }

  /** Indices of the attributes in the dictionary. */
  get attributeIndices(): readonly number[] {
    return this.derived.indices;
  }
  set attributeIndices(indices: readonly number[]) {
    this.derived.indices = indices;
  }

  /** Index of the stack in the dictionary. */
  get stackIndex(): number {
    return scalar.getInt32(this.message, 1);
  }
  set stackIndex(value: number) {
    scalar.setInt32(this.message, 1, value);
  }

  /** Index of the link in the dictionary; 0 for none. */
  get linkIndex(): number {
    return scalar.getInt32(this.message, 3);
  }
  set linkIndex(value: number) {
    scalar.setInt32(this.message, 3, value);
  }

  get values(): readonly bigint[] {
    return readUint64s(this.message, 4).map((value) => BigInt.asIntN(64, value));
  }
  set values(values: readonly bigint[]) {
    writeUint64s(this.message, 4, values);
  }

  get timestampsUnixNano(): readonly bigint[] {
    return readFixed64s(this.message, 5);
  }
  set timestampsUnixNano(times: readonly bigint[]) {
    writeFixed64s(this.message, 5, times);
  }

  drop(): void {
    this.message.drop();
  }
}
