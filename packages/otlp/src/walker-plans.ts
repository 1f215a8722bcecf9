import { idLength, requestDescriptor } from './descriptors.ts';
import type { FieldDescriptor, MessageDescriptor } from './descriptors.ts';
import { isItemMessage } from './inspect.ts';
import type { Signal } from './signal.ts';
import {
  ANY_VALUE,
  BYTES,
  ENTRY_BYTES,
  FIXED,
  ID,
  ITEM,
  KEY_VALUE,
  MESSAGE,
  PACKED_FIXED,
  PACKED_VARINTS,
  TAG_LIMIT,
  TEXT,
  VARINT,
  WRONG_WIRE_TYPE,
} from './walker-format.ts';

const PLAN_BYTES = TAG_LIMIT * ENTRY_BYTES;

/** The signals whose messages are walked by plans. */
export type PlannedSignal = Exclude<Signal, 'profiles'>;

/** The walker's tables, made from the descriptors so that they cannot disagree with them. */
export interface WalkerPlans {
  /** To stand at `origin`. */
  readonly bytes: Uint8Array;
  /** Where the plan of a signal's request stands. */
  readonly requests: Readonly<Record<PlannedSignal, number>>;
}

/** Makes the plans of all messages in the requests of logs, traces and metrics, for memory that begins at `origin`. */
export function walkerPlans(origin: number): WalkerPlans {
  const addresses = new Map<MessageDescriptor, number>();
  const place = (message: MessageDescriptor): number => {
    const known = addresses.get(message);
    if (known !== undefined) return known;
    const address = origin + addresses.size * PLAN_BYTES;
    addresses.set(message, address);
    for (const field of message.fields) if (field.message !== undefined) place(field.message);
    return address;
  };
  const requests = {
    logs: place(requestDescriptor('logs')),
    traces: place(requestDescriptor('traces')),
    metrics: place(requestDescriptor('metrics')),
  };
  const bytes = new Uint8Array(addresses.size * PLAN_BYTES);
  for (const [message, address] of addresses) {
    const plan = new DataView(bytes.buffer, address - origin, PLAN_BYTES);
    for (const field of message.fields) writeField(plan, field, addresses);
  }
  return { bytes, requests };
}

function writeField(plan: DataView, field: FieldDescriptor, addresses: ReadonlyMap<MessageDescriptor, number>): void {
  const write = (wireType: number, [action, operand]: readonly [action: number, operand: number]): void => {
    const at = (field.number * 8 + wireType) * ENTRY_BYTES;
    plan.setUint32(at, action | (operand << 8), true);
    plan.setUint32(at + 4, bitOf(field), true);
  };
  for (let wireType = 0; wireType < 8; wireType++) write(wireType, [WRONG_WIRE_TYPE, 0]);
  write(field.wireType, actionOf(field, addresses));
  if (field.packed) write(2, field.wireType === 0 ? [PACKED_VARINTS, 0] : [PACKED_FIXED, sizeOf(field)]);
}

/** What a singular field or its oneof sets to be seen when it comes twice; 0 for repeated fields. */
function bitOf(field: FieldDescriptor): number {
  if (field.repeated) return 0;
  return field.oneof >= 0 ? 1 << (31 - field.oneof) : 1 << field.number;
}

function actionOf(
  field: FieldDescriptor,
  addresses: ReadonlyMap<MessageDescriptor, number>,
): readonly [action: number, operand: number] {
  if (field.message !== undefined) {
    const { name } = field.message;
    if (name === 'KeyValue') return [KEY_VALUE, 0];
    if (name === 'AnyValue') return [ANY_VALUE, 0];
    return [isItemMessage(name) ? ITEM : MESSAGE, addresses.get(field.message)!];
  }
  if (field.wireType === 0) return [VARINT, 0];
  if (field.wireType !== 2) return [FIXED, sizeOf(field)];
  const idBytes = idLength(field.type);
  if (idBytes > 0) return [ID, idBytes];
  return [field.type === 'string' ? TEXT : BYTES, 0];
}

const sizeOf = (field: FieldDescriptor): number => (field.wireType === 1 ? 8 : 4);
