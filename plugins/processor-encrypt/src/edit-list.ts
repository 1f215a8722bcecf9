import { ByteWriter, WireReader } from '@millrace/otlp';

/** Field 1, length-delimited: the elements of an ArrayValue and of a KeyValueList. */
const ELEMENT = 0x0a;

/** Edits the elements of a list or a map on the wire; `edit` returns undefined for what stays, and so does this. */
export function editList(
  list: Uint8Array,
  edit: (element: Uint8Array) => Uint8Array | undefined,
): Uint8Array | undefined {
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
    out.bytesField(1, edited);
    copied = reader.pos;
  }
  out?.append(list, copied, list.length);
  return out?.take();
}
