import { double, int, Key, type AnyValue, type AttributesView } from '@millrace/otlp';
import { formatValue } from '../value/format-value.ts';
import { parseDouble, parseInt64 } from '../value/parse-number.ts';
import type { ActionSettings } from './action-settings.ts';
import type { AttributeAction } from './attribute-actions.ts';

const INT64_MIN = -(2n ** 63n);
const TWO_63 = 2 ** 63;

/** `convert`: gives a value another type. What cannot be converted stays as it is. */
export class ConvertAction implements AttributeAction {
  readonly #key: Key;
  readonly #convert: (attributes: AttributesView, key: Key) => void;

  constructor({ key, converted_type }: ActionSettings) {
    this.#key = new Key(key);
    this.#convert = converted_type === 'int' ? toInt : converted_type === 'double' ? toDouble : toText;
  }

  apply(attributes: AttributesView): void {
    this.#convert(attributes, this.#key);
  }
}

function toText(attributes: AttributesView, key: Key): void {
  const kind = attributes.kind(key);
  if (kind === undefined || kind === 'string') return;
  attributes.set(key, formatValue(attributes.get(key) as AnyValue));
}

function toInt(attributes: AttributesView, key: Key): void {
  switch (attributes.kind(key)) {
    case 'double':
      return attributes.set(key, int(truncated(attributes.get(key) as number)));
    case 'bool':
      return attributes.set(key, int(attributes.get(key) === true ? 1 : 0));
    case 'string': {
      const value = parseInt64(attributes.get(key) as string);
      if (value !== undefined) attributes.set(key, int(value));
      return;
    }
    default:
  }
}

function toDouble(attributes: AttributesView, key: Key): void {
  switch (attributes.kind(key)) {
    case 'int':
      return attributes.set(key, double(Number(attributes.get(key))));
    case 'bool':
      return attributes.set(key, double(attributes.get(key) === true ? 1 : 0));
    case 'string': {
      const value = parseDouble(attributes.get(key) as string);
      if (value !== undefined) attributes.set(key, double(value));
      return;
    }
    default:
  }
}

/** What does not fit into 64 bits, NaN too, becomes the least integer: the Collector's result on x86-64. */
function truncated(value: number): bigint {
  return value >= -TWO_63 && value < TWO_63 ? BigInt(Math.trunc(value)) : INT64_MIN;
}
