import { ByteWriter } from './byte-writer.ts';
import type { Container } from './container.ts';

/** An export request that holds one item only: the current child of `container`, under the headers it has now. */
export function currentItemRequest(container: Container): Uint8Array {
  const out = new ByteWriter();
  const marks = openEnvelope(out, container);
  const mark = out.openField(container.childField);
  const { leaf, child } = container;
  if (leaf !== null) leaf.writeBody(out);
  else child!.writeBody(out);
  out.close(mark);
  closeEnvelope(out, marks);
  return out.take();
}

/** Writes the headers of `container` and of all above it; returns the open lengths for `closeEnvelope`. */
function openEnvelope(out: ByteWriter, container: Container): number[] {
  if (container.parent === null) return [];
  const marks = openEnvelope(out, container.parent);
  marks.push(out.openField(container.field));
  container.writeHeader(out);
  return marks;
}

function closeEnvelope(out: ByteWriter, marks: number[]): void {
  for (let i = marks.length - 1; i >= 0; i--) out.close(marks[i]);
}
