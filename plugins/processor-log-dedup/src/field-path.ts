import type { LogRecordView } from '@millrace/otlp';
import { valueBelow, withoutBelow } from './map-value.ts';

/** A field of a record: `body.a.b`, `attributes.host\.name`. */
export class FieldPath {
  readonly #isBody: boolean;
  /** Keys below the body or the attributes; none stands for all attributes. */
  readonly #keys: readonly string[];

  constructor(text: string) {
    const [root, ...keys] = partsOf(text);
    this.#isBody = root === 'body';
    this.#keys = keys;
  }

  /** The value as an AnyValue on the wire; undefined where the record has no such field. */
  valueIn({ attributes, bodyField }: LogRecordView): Uint8Array | undefined {
    if (this.#isBody) return valueBelow(bodyField.raw, this.#keys);
    const [first = '', ...rest] = this.#keys;
    const value = attributes.raw(first);
    return value === undefined ? undefined : valueBelow(value, rest);
  }

  removeFrom({ attributes, bodyField }: LogRecordView): void {
    if (this.#isBody) {
      const shorter = withoutBelow(bodyField.raw, this.#keys);
      if (shorter !== undefined) bodyField.raw = shorter;
      return;
    }
    const [first, ...rest] = this.#keys;
    if (first === undefined) return attributes.clear();
    if (rest.length === 0) return void attributes.delete(first);
    const value = attributes.raw(first);
    const shorter = value === undefined ? undefined : withoutBelow(value, rest);
    if (shorter !== undefined) attributes.setRaw(first, shorter);
  }
}

/** `.` separates, `\.` is a dot. */
export function partsOf(text: string): string[] {
  return text.split(/(?<!\\)\./).map((part) => part.replaceAll('\\.', '.'));
}
