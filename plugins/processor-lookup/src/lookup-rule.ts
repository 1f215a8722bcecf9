import type { Signal } from '@millrace/api';
import { type AnyValueInput, type AttributesView, double, key, type Key } from '@millrace/otlp';
import type { ValueReader } from '@millrace/ottl';
import type { CacheValue } from './cache/cache-entry.ts';
import { compileKey, keyText } from './compile-key.ts';
import type { LookupRule } from './lookup-settings.ts';
import type { Finding } from './source/lookup-source.ts';

/** What all items have. */
export interface Item {
  readonly attributes: AttributesView;
  readonly resource: { readonly attributes: AttributesView };
  drop(): void;
}

interface Target {
  /** Undefined: what was found is written as it is. */
  readonly field: string | undefined;
  readonly destination: Key;
  readonly fallback: string | undefined;
  readonly isResource: boolean;
}

/** Longer keys are not looked up. */
const KEY_UNITS_MAX = 4096;
/** Keys of prefixed columns that are made ready once. */
const PREFIXED_MAX = 1_000;

/** One entry of `lookups`, ready for use. */
export class Rule {
  readonly #reader: ValueReader;
  readonly #settings: LookupRule;
  readonly #targets: readonly Target[];
  readonly #tag: Key;
  readonly #prefixed = new Map<string, Key>();
  /** Numbers of the source are doubles; its integers are bigint. */
  readonly #hasExactNumbers: boolean;

  /** Throws OttlErrors for a key that makes no sense for the signal. */
  constructor(
    settings: LookupRule,
    options: { readonly signal: Signal; readonly hasExactNumbers: boolean; readonly now: () => bigint },
  ) {
    this.#settings = settings;
    this.#hasExactNumbers = options.hasExactNumbers;
    this.#reader = compileKey(settings.key, options.signal, options.now);
    this.#targets = settings.attributes.map(({ source, destination, default: fallback, context }) => ({
      field: source === '' ? undefined : source,
      destination: key(destination),
      fallback: fallback === '' ? undefined : fallback,
      isResource: (context ?? settings.context) === 'resource',
    }));
    this.#tag = key(settings.tag);
  }

  /** What is to be looked up for an item; '' where there is nothing. */
  keyOf(item: Item): string {
    try {
      const text = keyText(this.#reader.get(item));
      return text.length > KEY_UNITS_MAX ? '' : text;
    } catch {
      // As where the attribute is not there: functions fail for values of other types.
      return '';
    }
  }

  /** Writes what was found for an item. False when it was dropped. */
  apply(item: Item, found: Finding): boolean {
    const { on_miss: onMiss, prefix } = this.#settings;
    for (const target of this.#targets) this.#write(item, target, found);
    if (found !== undefined) {
      if (prefix !== undefined) this.#writeAll(item, found, prefix);
      return true;
    }
    if (onMiss === 'tag') item.attributes.set(this.#tag, true);
    if (onMiss === 'drop') item.drop();
    return onMiss !== 'drop';
  }

  #write(item: Item, { field, destination, fallback, isResource }: Target, found: Finding): void {
    let value: CacheValue | undefined = fallback;
    if (found !== undefined) {
      if (field === undefined) value = found;
      else if (!isRow(found)) return;
      else value = (Object.hasOwn(found, field) ? found[field] : undefined) ?? fallback;
    }
    if (value !== undefined && value !== null) this.#put(attributesOf(item, isResource), destination, value);
  }

  #writeAll(item: Item, found: CacheValue, prefix: string): void {
    if (!isRow(found)) return;
    const attributes = attributesOf(item, this.#settings.context === 'resource');
    for (const name in found) {
      const value = found[name];
      if (value !== null) this.#put(attributes, this.#prefixedKey(prefix, name), value);
    }
  }

  #put(attributes: AttributesView, destination: Key, value: CacheValue): void {
    if (!this.#settings.overwrite && attributes.has(destination)) return;
    attributes.set(destination, attributeValue(value, this.#hasExactNumbers, 0));
  }

  #prefixedKey(prefix: string, name: string): Key {
    const known = this.#prefixed.get(name);
    if (known !== undefined) return known;
    const made = key(prefix + name);
    if (this.#prefixed.size < PREFIXED_MAX) this.#prefixed.set(name, made);
    return made;
  }
}

function attributesOf(item: Item, isResource: boolean): AttributesView {
  return isResource ? item.resource.attributes : item.attributes;
}

function isRow(value: CacheValue): value is { readonly [key: string]: CacheValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** What is nested deeper is left out: OTLP's limits are near. */
const DEPTH_MAX = 32;

function attributeValue(value: CacheValue, hasExactNumbers: boolean, depth: number): AnyValueInput {
  if (typeof value === 'number') return hasExactNumbers ? double(value) : value;
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : String(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (depth >= DEPTH_MAX) return null;
  if (Array.isArray(value)) {
    return (value as readonly CacheValue[]).map((each) => attributeValue(each, hasExactNumbers, depth + 1));
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, attributeValue(each, hasExactNumbers, depth + 1)]),
  );
}
