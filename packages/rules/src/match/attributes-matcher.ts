import { encodeAnyValue, Key, type AnyValueInput, type AttributesView } from '@millrace/otlp';
import { compilePattern, type Pattern } from '@millrace/pattern';
import { canonicalValue } from '../value/canonical-value.ts';
import { formatPlainDouble } from '../value/format-value.ts';
import type { AttributeMatch, MatchType } from './match-settings.ts';

/** Whether all of a list of attributes are there, with the values that the list asks for. Nothing is decoded that need not be. */
export class AttributesMatcher {
  readonly #tests: readonly AttributeTest[];

  constructor(matches: readonly AttributeMatch[], type: MatchType | undefined) {
    this.#tests = matches.map((match) => testFor(match, type));
  }

  get isEmpty(): boolean {
    return this.#tests.length === 0;
  }

  matches(attributes: AttributesView): boolean {
    for (let i = 0; i < this.#tests.length; i++) if (!this.#tests[i].holds(attributes)) return false;
    return true;
  }
}

interface AttributeTest {
  holds(attributes: AttributesView): boolean;
}

function testFor({ key, value }: AttributeMatch, type: MatchType | undefined): AttributeTest {
  if (value === undefined || value === null) return new Exists(key);
  if (type === 'regexp') return new Matches(key, value as string);
  switch (typeof value) {
    case 'string':
      return new EqualsText(key, value);
    case 'boolean':
      return new EqualsPlain(key, 'bool', value);
    case 'number':
      return new EqualsPlain(key, Number.isSafeInteger(value) && !Object.is(value, -0) ? 'int' : 'double', value);
    case 'bigint':
      return new EqualsPlain(key, 'int', value);
    default:
      return new EqualsDeep(key, Array.isArray(value) ? 'array' : 'kvlist', value);
  }
}

class Exists implements AttributeTest {
  readonly #key: Key;

  constructor(key: string) {
    this.#key = new Key(key);
  }

  holds(attributes: AttributesView): boolean {
    return attributes.has(this.#key);
  }
}

class EqualsText implements AttributeTest {
  readonly #key: Key;
  readonly #value: Key;

  constructor(key: string, value: string) {
    this.#key = new Key(key);
    this.#value = new Key(value);
  }

  holds(attributes: AttributesView): boolean {
    return attributes.equalsString(this.#key, this.#value);
  }
}

class EqualsPlain implements AttributeTest {
  readonly #key: Key;
  readonly #kind: 'bool' | 'int' | 'double';
  readonly #value: boolean | number | bigint;

  constructor(key: string, kind: 'bool' | 'int' | 'double', value: boolean | number | bigint) {
    this.#key = new Key(key);
    this.#kind = kind;
    this.#value = value;
  }

  holds(attributes: AttributesView): boolean {
    // The kind alone tells 1 from 1.0.
    return attributes.kind(this.#key) === this.#kind && attributes.get(this.#key) === this.#value;
  }
}

class EqualsDeep implements AttributeTest {
  readonly #key: Key;
  readonly #kind: 'array' | 'kvlist';
  readonly #value: string;

  constructor(key: string, kind: 'array' | 'kvlist', value: unknown) {
    this.#key = new Key(key);
    this.#kind = kind;
    this.#value = canonicalValue(encodeAnyValue(value as AnyValueInput));
  }

  holds(attributes: AttributesView): boolean {
    if (attributes.kind(this.#key) !== this.#kind) return false;
    return canonicalValue(attributes.raw(this.#key) as Uint8Array) === this.#value;
  }
}

/** Strings, booleans and numbers are matched as text; values of other kinds match nothing. */
class Matches implements AttributeTest {
  readonly #key: Key;
  readonly #pattern: Pattern;

  constructor(key: string, pattern: string) {
    this.#key = new Key(key);
    this.#pattern = compilePattern(pattern);
  }

  holds(attributes: AttributesView): boolean {
    const value = attributes.get(this.#key);
    switch (typeof value) {
      case 'string':
        return this.#pattern.test(value);
      case 'boolean':
      case 'bigint':
        return this.#pattern.test(String(value));
      case 'number':
        return this.#pattern.test(formatPlainDouble(value));
      default:
        return false;
    }
  }
}
