import { isStringValue, readAnyValue, stringValue, valueKind, type AnyValue, type ValueKind } from './any-value.ts';
import type { Key } from './key.ts';
import { equalBytes, readUtf8 } from './wire.ts';

const NOTHING: Uint8Array = new Uint8Array(0);

/** One attribute as `deleteWhere` and `retain` show it. */
export class Attribute {
  private bytes = NOTHING;
  private keyStart = 0;
  private keyEnd = 0;
  private valueStart = 0;
  private valueEnd = 0;

  bind(bytes: Uint8Array, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    this.bytes = bytes;
    this.keyStart = keyStart;
    this.keyEnd = keyEnd;
    this.valueStart = valueStart;
    this.valueEnd = valueEnd;
  }

  get key(): string {
    return readUtf8(this.bytes, this.keyStart, this.keyEnd);
  }

  get value(): AnyValue {
    return readAnyValue(this.bytes, this.valueStart, this.valueEnd);
  }

  /** A string value; undefined for all else. */
  get text(): string | undefined {
    return stringValue(this.bytes, this.valueStart, this.valueEnd);
  }

  get kind(): ValueKind {
    return valueKind(this.bytes, this.valueStart, this.valueEnd);
  }

  hasKey(key: Key): boolean {
    return equalBytes(this.bytes, this.keyStart, this.keyEnd, key.bytes);
  }

  equalsString(expected: Key): boolean {
    return isStringValue(this.bytes, this.valueStart, this.valueEnd, expected.bytes);
  }
}
