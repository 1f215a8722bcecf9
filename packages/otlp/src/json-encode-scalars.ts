import { InvalidMessage } from './invalid-message.ts';
import type { FieldPlan } from './json-encode-plan.ts';
import { payload } from './json-encode-wire.ts';
import type { JsonText } from './json-text.ts';
import { double, fixed32, skipField, tagAt } from './wire.ts';

/** Writes a string, bytes or an id; returns whether it is the default. An id of zeros counts as none. */
export function writeText(out: JsonText, bytes: Uint8Array, from: number, end: number, field: FieldPlan): boolean {
  const start = payload.start(bytes, from, end);
  const to = payload.end;
  if (field.type === 'string') out.string(bytes, start, to);
  else if (field.type === 'bytes') out.base64(bytes, start, to);
  else {
    out.hex(bytes, start, to);
    return isZeros(bytes, start, to);
  }
  return start === to;
}

function isZeros(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}

/** Writes the number at `from`; returns whether it is zero. The wire type is the field's own. */
export function writeNumber(out: JsonText, bytes: Uint8Array, from: number, end: number, field: FieldPlan): boolean {
  if (field.wireType === 0) {
    payload.varint(bytes, from, end);
  } else {
    skipField(bytes, from, end, field.wireType);
    payload.low = fixed32(bytes, from);
    payload.high = field.wireType === 1 ? fixed32(bytes, from + 4) : 0;
  }
  const { low, high } = payload;
  switch (field.type) {
    case 'double':
      out.double(double(bytes, from));
      break;
    case 'bool':
      out.ascii((low | high) === 0 ? 'false' : 'true');
      break;
    case 'enum':
    case 'int32':
      out.integer(low | 0);
      return low === 0;
    case 'sint32':
      out.integer((low >>> 1) ^ -(low & 1));
      return low === 0;
    case 'uint32':
    case 'fixed32':
      out.integer(low);
      return low === 0;
    default:
      out.decimalString(low, high, field.type === 'int64' || field.type === 'sfixed64');
  }
  return (low | high) === 0;
}

export function expectWireType(bytes: Uint8Array, tagPosition: number, end: number, field: FieldPlan): void {
  const wireType = tagAt(bytes, tagPosition, end) & 7;
  if (wireType === field.wireType) return;
  const what = `field ${field.number} has wire type ${wireType} instead of ${field.wireType}`;
  throw new InvalidMessage(what, { code: 'WIRE_TYPE_MISMATCH', offset: tagPosition, path: '' });
}
