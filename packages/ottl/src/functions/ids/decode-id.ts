import type { Evaluate } from '../../compile/frame.ts';
import type { Getter } from '../../function/getter.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { Id, ID_BYTES, type IdKind } from '../../value/id.ts';

/** Makes ids of this kind of raw bytes or of hex. A constant that is none throws at once. */
export function decodedId(kind: IdKind, target: Getter<Uint8Array | null>): Evaluate<Id> {
  if (target.constant === undefined) return (frame) => decodeId(kind, target(frame));
  const id = decodeId(kind, target.constant);
  return () => id;
}

function decodeId(kind: IdKind, bytes: Uint8Array | null): Id {
  const size = ID_BYTES[kind];
  const given = Buffer.from(bytes ?? []);
  if (given.length === size) return new Id(kind, given.toString('hex'));
  if (given.length !== size * 2)
    throw new OttlRuntimeError(`expected ${size} bytes or ${size * 2} hex digits but got ${given.length} bytes`);
  const hex = given.toString('latin1').toLowerCase();
  if (!/^[0-9a-f]+$/.test(hex))
    throw new OttlRuntimeError(`a ${kind} id must be hex, and ${JSON.stringify(hex)} is not`);
  return new Id(kind, hex);
}
