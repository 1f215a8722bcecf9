import { ByteWriter, valueKind } from '@millrace/otlp';
import { contentOf, editElements } from '@millrace/rules';
import type { PathTree } from './path-tree.ts';

/** Fields of AnyValue, and of KeyValue, with their tags. */
const ARRAY = { field: 5, tag: 0x2a };
const KVLIST = { field: 6, tag: 0x32 };
const KEY = { field: 1, tag: 0x0a };
const VALUE = { field: 2, tag: 0x12 };

/** What a key of a map asks for. */
export type LookUp = (key: string) => PathTree | undefined;

/** Treats an AnyValue as a tree says; undefined when it stays as it is. All elements of a list are treated alike. */
export function editValue(value: Uint8Array, tree: PathTree): Uint8Array | undefined {
  if (tree.treatment !== undefined) return tree.treatment.apply(value);
  const kind = valueKind(value, 0, value.length);
  if (kind === 'kvlist') return editMap(value, (key) => tree.of(key));
  if (kind !== 'array') return undefined;
  const edited = editElements(contentOf(value, ARRAY.tag), (element) => editValue(element, tree));
  return edited === undefined ? undefined : messageOf(ARRAY.field, edited);
}

/** The same for an AnyValue that is a map. */
export function editMap(value: Uint8Array, lookUp: LookUp): Uint8Array | undefined {
  const edited = editElements(contentOf(value, KVLIST.tag), (entry) => editEntry(entry, lookUp));
  return edited === undefined ? undefined : messageOf(KVLIST.field, edited);
}

function editEntry(entry: Uint8Array, lookUp: LookUp): Uint8Array | undefined {
  const key = contentOf(entry, KEY.tag);
  const tree = lookUp(Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString());
  const edited = tree === undefined ? undefined : editValue(contentOf(entry, VALUE.tag), tree);
  if (edited === undefined) return undefined;
  const out = new ByteWriter(undefined, key.length + edited.length + 16);
  out.bytesField(KEY.field, key);
  out.bytesField(VALUE.field, edited);
  return out.take();
}

function messageOf(field: number, content: Uint8Array): Uint8Array {
  const out = new ByteWriter(undefined, content.length + 16);
  out.bytesField(field, content);
  return out.take();
}
