import { ByteWriter, WireReader } from '@millrace/otlp';

/** Field 1, length-delimited: the elements of an ArrayValue and of a KeyValueList. */
const ELEMENT = 0x0a;

/** What becomes of a value: undefined leaves it, null removes it. */
export type Edited = Uint8Array | null | undefined;

/** Edits the elements of a list or a map on the wire; undefined when all stayed as they were. */
export function editList(list: Uint8Array, edit: (element: Uint8Array) => Edited): Uint8Array | undefined {
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
    out ??= new ByteWriter(undefined, list.length + 64);
    out.append(list, copied, from);
    if (edited !== null) out.bytesField(1, edited);
    copied = reader.pos;
  }
  out?.append(list, copied, list.length);
  return out?.take();
}
