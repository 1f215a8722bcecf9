import { WireReader } from '@millrace/otlp';

/**
 * A text that two AnyValues on the wire share exactly when they are of the same kind and content, through and through: an int is
 * no double, and maps are equal whatever the order of their keys.
 */
export function canonicalValue(raw: Uint8Array): string {
  const reader = new WireReader(raw);
  let text = 'null';
  while (!reader.done) {
    const tag = reader.tag();
    switch (tag) {
      case 0x0a:
        text = JSON.stringify(reader.string());
        break;
      case 0x10:
        text = String(reader.bool());
        break;
      case 0x18:
        text = `i${reader.int64()}`;
        break;
      case 0x21:
        text = `d${String(reader.double() + 0)}`;
        break;
      case 0x2a:
        text = `[${valuesOf(reader.range()).join(',')}]`;
        break;
      case 0x32:
        text = `{${fieldsOf(reader.range()).toSorted().join(',')}}`;
        break;
      case 0x3a:
        text = `x${Buffer.from(reader.range()).toString('hex')}`;
        break;
      default:
        reader.skip(tag);
    }
  }
  return text;
}

function valuesOf(list: Uint8Array): string[] {
  return elementsOf(list).map((element) => canonicalValue(element));
}

function fieldsOf(list: Uint8Array): string[] {
  return elementsOf(list).map((element) => {
    const reader = new WireReader(element);
    let key = '';
    let value = 'null';
    while (!reader.done) {
      const tag = reader.tag();
      if (tag === 0x0a) key = reader.string();
      else if (tag === 0x12) value = canonicalValue(reader.range());
      else reader.skip(tag);
    }
    return `${JSON.stringify(key)}:${value}`;
  });
}

function elementsOf(list: Uint8Array): Uint8Array[] {
  const reader = new WireReader(list);
  const elements: Uint8Array[] = [];
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 0x0a) elements.push(reader.range());
    else reader.skip(tag);
  }
  return elements;
}
