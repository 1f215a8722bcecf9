import { key, type AttributesView, type Key, type SpanView } from '@millrace/otlp';
import { formatPlainDouble } from '@millrace/rules';

/** As the Collector writes lists, maps, bytes and empty values. */
const UNKNOWN = '<unknown-attribute-type>';

/** Names spans by values of attributes. */
export class NameFromAttributes {
  readonly #keys: readonly Key[];
  readonly #separator: string;

  constructor(keys: readonly string[], separator: string) {
    this.#keys = keys.map((each) => key(each));
    this.#separator = separator;
  }

  apply(span: SpanView): void {
    const { attributes } = span;
    let name = '';
    for (let i = 0; i < this.#keys.length; i++) {
      const text = textOf(attributes, this.#keys[i]);
      if (text === undefined) return;
      name += i === 0 ? text : this.#separator + text;
    }
    if (span.name !== name) span.name = name;
  }
}

function textOf(attributes: AttributesView, name: Key): string | undefined {
  switch (attributes.kind(name)) {
    case undefined:
      return undefined;
    case 'string':
      return attributes.getString(name);
    case 'bool':
      return attributes.get(name) === true ? 'true' : 'false';
    case 'int':
      return attributes.getInt(name)?.toString();
    case 'double':
      return formatPlainDouble(attributes.get(name) as number);
    default:
      return UNKNOWN;
  }
}
