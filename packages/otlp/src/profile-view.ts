import type { AttributesView } from './attributes-view.ts';
import { DictionaryAttributes } from './dictionary-attributes.ts';
import { ElementIterator } from './element-iterator.ts';
import { ItemView } from './item-view.ts';
import { SAMPLE } from './message-shape.ts';
import { ProfileSampleView } from './profile-sample-view.ts';
import type { ProfilesScopeView } from './profiles-batch.ts';
import type { ProfilesDictionary } from './profiles-dictionary.ts';
import type { ResourceView } from './resource-view.ts';
import * as scalar from './scalar-fields.ts';
import { WireMessage } from './wire-message.ts';

const SAMPLES = 0;

/** A type and a unit of numbers: "cpu" and "nanoseconds". */
export class ValueTypeView {
  private readonly message: WireMessage;
  private readonly dictionary: ProfilesDictionary;

  /** @internal */
  constructor(message: WireMessage, dictionary: ProfilesDictionary) {
    this.message = message;
    this.dictionary = dictionary;
  }

  /** Index of the string in the dictionary. */
  get typeIndex(): number {
    return scalar.getInt32(this.message, 1);
  }

  /** Undefined where the index is none of a string. */
  get type(): string | undefined {
    return this.dictionary.string(this.typeIndex);
  }
  set type(value: string) {
    if (value !== this.type) scalar.setInt32(this.message, 1, this.dictionary.addString(value));
  }

  /** Index of the string in the dictionary. */
  get unitIndex(): number {
    return scalar.getInt32(this.message, 2);
  }

  /** Undefined where the index is none of a string. */
  get unit(): string | undefined {
    return this.dictionary.string(this.unitIndex);
  }
  set unit(value: string) {
    if (value !== this.unit) scalar.setInt32(this.message, 2, this.dictionary.addString(value));
  }
}

/** A profile. A cursor: it shows another profile when the loop goes on. */
export class ProfileView extends ItemView<ProfilesScopeView> {
  readonly dictionary: ProfilesDictionary;
  readonly sampleType: ValueTypeView;
  readonly periodType: ValueTypeView;
  private readonly derived: DictionaryAttributes;
  private sample: ProfileSampleView | null = null;
  private sampleMessage: WireMessage | null = null;

  constructor(message: WireMessage, scope: ProfilesScopeView, dictionary: ProfilesDictionary) {
    super(message, scope);
    this.dictionary = dictionary;
    this.sampleType = new ValueTypeView(message.sub(1), dictionary);
    this.periodType = new ValueTypeView(message.sub(5), dictionary);
    this.derived = new DictionaryAttributes(message, 11, dictionary);
  }

  get scope(): ProfilesScopeView {
    return this.context;
  }

  get resource(): ResourceView<ProfilesScopeView> {
    return this.scope.resource;
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

  get samples(): IterableIterator<ProfileSampleView> {
    this.sampleMessage ??= new WireMessage(SAMPLE, this.message);
    this.sample ??= new ProfileSampleView(this.sampleMessage, this.dictionary);
    return new ElementIterator(this.message.lists[SAMPLES], this.sampleMessage, this.sample);
  }

  get sampleCount(): number {
    return this.message.lists[SAMPLES].size;
  }

  get timeUnixNano(): bigint {
    return scalar.getFixed64(this.message, 3);
  }
  set timeUnixNano(value: bigint) {
    scalar.setFixed64(this.message, 3, value);
  }
  /** Milliseconds since 1970, with fractions. */
  get timeUnixMs(): number {
    return scalar.getMilliseconds(this.message, 3);
  }

  get durationNano(): bigint {
    return scalar.getUint64(this.message, 4);
  }
  set durationNano(value: bigint) {
    scalar.setInt64(this.message, 4, value);
  }

  /** Between samples, in the unit of `periodType`. */
  get period(): bigint {
    return scalar.getInt64(this.message, 6);
  }
  set period(value: bigint) {
    scalar.setInt64(this.message, 6, value);
  }

  /** Lowercase hex, '' when absent. */
  get profileId(): string {
    return scalar.getHex(this.message, 7);
  }
  set profileId(value: string) {
    scalar.setHex(this.message, 7, value);
  }

  get droppedAttributesCount(): number {
    return scalar.getUint32(this.message, 8);
  }
  set droppedAttributesCount(value: number) {
    scalar.setUint32(this.message, 8, value);
  }

  get originalPayloadFormat(): string {
    return scalar.getString(this.message, 9);
  }
  set originalPayloadFormat(value: string) {
    scalar.setString(this.message, 9, value);
  }

  /** A copy. */
  get originalPayload(): Uint8Array {
    return scalar.getBytes(this.message, 10);
  }
  set originalPayload(value: Uint8Array) {
    scalar.setBytes(this.message, 10, value);
  }
}
