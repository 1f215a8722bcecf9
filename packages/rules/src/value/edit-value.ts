import { ByteWriter, WireReader } from '@millrace/otlp';

/** Field 1, length-delimited: the elements of an ArrayValue and of a KeyValueList. */
const ELEMENT = 0x0a;

/** What becomes of a value on the wire: undefined leaves it, null removes it. */
export type EditedValue = Uint8Array | null | undefined;

/** Edits the elements of an ArrayValue or the entries of a KeyValueList on the wire; undefined when all stayed as they were. */
export function editElements(list: Uint8Array, edit: (element: Uint8Array) => EditedValue): Uint8Array | undefined {
  const reader = new WireReader(list);
  let out: ByteWriter | undefined;
  let copied = 0;
  while (!reader.done) {
    const from = reader.pos;
    const tag = reader.tag();
    if (tag !== ELEMENT) {
      reader.skip(tag);
      continue;
    }
    const edited = edit(reader.range());
    if (edited === undefined) continue;
    out ??= new ByteWriter(undefined, list.length + 256);
    out.append(list, copied, from);
    if (edited !== null) out.bytesField(1, edited);
    copied = reader.pos;
  }
  out?.append(list, copied, list.length);
  return out?.take();
}

/** The content of the length-delimited field with this tag; the last one counts, and none is empty. */
export function contentOf(message: Uint8Array, wanted: number): Uint8Array {
  const reader = new WireReader(message);
  let found = NOTHING;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === wanted) found = reader.range();
    else reader.skip(tag);
  }
  return found;
}

const NOTHING: Uint8Array = new Uint8Array(0);
