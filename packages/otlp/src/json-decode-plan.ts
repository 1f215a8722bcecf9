import type { FieldDescriptor, MessageDescriptor } from './descriptors.ts';
import type { JsonReader } from './json-reader.ts';

/** How a field is read from JSON and written as protobuf. */
export interface FieldPlan {
  readonly field: FieldDescriptor;
  readonly key: Uint8Array;
  readonly tag: number;
  readonly bit: number;
  child: MessagePlan | undefined;
  /** The next field whose key has the same hash. */
  next: FieldPlan | undefined;
  /** The field that came after this one the last time: writers keep to one order, so that it is tried first. */
  follower: FieldPlan | undefined;
}

export interface MessagePlan {
  readonly message: MessageDescriptor;
  readonly byHash: (FieldPlan | undefined)[];
  /** The field that came first the last time. */
  first: FieldPlan | undefined;
  /** How many bytes the last such message's length took: where the guess is right, nothing has to be moved. */
  lengthBytes: number;
}

const HASH_MASK = 63;
const hash = (length: number, first: number, last: number): number => (length * 5 + first + last * 3) & HASH_MASK;
const plans = new Map<MessageDescriptor, MessagePlan>();

/** The plan of a message, made once. */
export function planOf(message: MessageDescriptor): MessagePlan {
  const known = plans.get(message);
  if (known !== undefined) return known;
  const byHash = Array.from<undefined, FieldPlan | undefined>({ length: HASH_MASK + 1 }, () => undefined);
  const plan: MessagePlan = { message, byHash, first: undefined, lengthBytes: 1 };
  plans.set(message, plan);
  for (const [name, field] of message.byJsonName) {
    const key = new TextEncoder().encode(name);
    const index = hash(key.length, key[0], key[key.length - 1]);
    const tag = field.number * 8 + (field.packed ? 2 : field.wireType);
    const bit = field.repeated ? 0 : field.oneof >= 0 ? 1 << (31 - field.oneof) : 1 << field.number;
    const child = field.message === undefined ? undefined : planOf(field.message);
    plan.byHash[index] = { field, key, tag, bit, child, next: plan.byHash[index], follower: undefined };
  }
  return plan;
}

/** The field of the message that the key just read names. */
export function fieldOf(reader: JsonReader, plan: MessagePlan): FieldPlan | undefined {
  if (reader.escaped) return fieldOfEscaped(reader, plan);
  const { bytes, tokenStart } = reader;
  const length = reader.tokenEnd - tokenStart;
  if (length === 0) return undefined;
  let field = plan.byHash[hash(length, bytes[tokenStart], bytes[tokenStart + length - 1])];
  search: for (; field !== undefined; field = field.next) {
    const { key } = field;
    if (key.length !== length) continue;
    for (let i = 0; i < length; i++) if (bytes[tokenStart + i] !== key[i]) continue search;
    break;
  }
  return field;
}

function fieldOfEscaped(reader: JsonReader, plan: MessagePlan): FieldPlan | undefined {
  const field = plan.message.byJsonName.get(reader.text());
  if (field === undefined) return undefined;
  for (let candidate of plan.byHash) {
    for (; candidate !== undefined; candidate = candidate.next) if (candidate.field === field) return candidate;
  }
  return undefined;
}
