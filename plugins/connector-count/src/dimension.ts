import { type AttributesView, double, encodeAnyValue, Key } from '@millrace/otlp';
import { formatValue } from '@millrace/rules';
import type { AttributeSettings } from './count-settings.ts';

/** Where attributes are looked for, the first place first. */
export interface Attributed {
  readonly attributes: AttributesView;
}

/** An attribute by which counts are kept apart. */
export class Dimension {
  readonly key: Key;
  /** As an AnyValue on the wire. */
  readonly #default: Uint8Array | undefined;

  constructor({ key, default_value }: AttributeSettings) {
    this.key = new Key(key);
    this.#default = defaultOf(default_value);
  }

  /** The value as an AnyValue on the wire; undefined when there is none, so that the item does not count. */
  valueFor(item: Attributed, scope: Attributed, resource: Attributed): Uint8Array | undefined {
    return valueIn(item, this.key) ?? valueIn(scope, this.key) ?? valueIn(resource, this.key) ?? this.#default;
  }
}

/** Strings and numbers as they are, everything else as text. */
function valueIn({ attributes }: Attributed, key: Key): Uint8Array | undefined {
  const kind = attributes.kind(key);
  if (kind === undefined) return undefined;
  if (kind === 'string' || kind === 'int' || kind === 'double') return attributes.raw(key);
  return encodeAnyValue(formatValue(attributes.get(key) ?? null));
}

/** As in the Collector, an empty text and zero are no defaults. */
function defaultOf(value: AttributeSettings['default_value']): Uint8Array | undefined {
  if (value === undefined || value === '' || value === 0) return undefined;
  return encodeAnyValue(typeof value === 'number' && !Number.isInteger(value) ? double(value) : value);
}
