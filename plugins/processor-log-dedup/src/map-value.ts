import { ByteWriter, WireReader } from '@millrace/otlp';

/* Maps inside AnyValues, where they lie on the wire: decoding and writing them again would take 1.0 for 1. */

const KVLIST_VALUE = 6;
const KVLIST_TAG = (KVLIST_VALUE << 3) | 2;
const VALUES = 1;
const VALUES_TAG = (VALUES << 3) | 2;
const KEY_TAG = (1 << 3) | 2;
const VALUE_TAG = (2 << 3) | 2;

/** The AnyValue below keys of nested maps; undefined where there is none. */
export function valueBelow(value: Uint8Array, keys: readonly string[]): Uint8Array | undefined {
  let found: Uint8Array | undefined = value;
  for (const key of keys) {
    if (found === undefined) return undefined;
    found = entryOf(found, key);
  }
  return found;
}

function entryOf(value: Uint8Array, wanted: string): Uint8Array | undefined {
  for (const reader = new WireReader(mapIn(value)); !reader.done;) {
    const tag = reader.tag();
    if (tag !== VALUES_TAG) {
      reader.skip(tag);
      continue;
    }
    const entry = keyValueOf(reader.range());
    if (entry.key === wanted) return entry.value;
  }
  return undefined;
}

/** The AnyValue without what is below keys of nested maps; undefined where there is nothing to take away. */
export function withoutBelow(value: Uint8Array, keys: readonly string[]): Uint8Array | undefined {
  if (valueBelow(value, keys) === undefined) return undefined;
  const [wanted, ...rest] = keys;
  const list = mapIn(value);
  const out = new ByteWriter();
  const map = out.openField(KVLIST_VALUE);
  for (const reader = new WireReader(list); !reader.done;) {
    const start = reader.pos;
    const tag = reader.tag();
    const entry = tag === VALUES_TAG ? keyValueOf(reader.range()) : undefined;
    if (entry === undefined) reader.skip(tag);
    if (entry?.key !== wanted) {
      out.append(list, start, reader.pos);
    } else if (rest.length > 0 && entry !== undefined) {
      const shorter = out.openField(VALUES);
      out.stringField(1, entry.key);
      out.bytesField(2, withoutBelow(entry.value, rest) ?? entry.value);
      out.close(shorter);
    }
  }
  out.close(map);
  return out.take();
}

/** The KeyValueList in an AnyValue; empty where it is no map. */
function mapIn(value: Uint8Array): Uint8Array {
  let map = EMPTY;
  for (const reader = new WireReader(value); !reader.done;) {
    const tag = reader.tag();
    if (tag === KVLIST_TAG) map = reader.range();
    else reader.skip(tag);
  }
  return map;
}

function keyValueOf(bytes: Uint8Array): { readonly key: string; readonly value: Uint8Array } {
  let key = '';
  let value = EMPTY;
  for (const reader = new WireReader(bytes); !reader.done;) {
    const tag = reader.tag();
    if (tag === KEY_TAG) key = reader.string();
    else if (tag === VALUE_TAG) value = reader.range();
    else reader.skip(tag);
  }
  return { key, value };
}

const EMPTY: Uint8Array = new Uint8Array(0);
