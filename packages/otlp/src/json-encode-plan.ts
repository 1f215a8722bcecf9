import type { FieldDescriptor, MessageDescriptor } from './descriptors.ts';

/** How a field is written as JSON. */
export interface FieldPlan {
  readonly number: number;
  readonly type: FieldDescriptor['type'];
  readonly repeated: boolean;
  readonly presence: boolean;
  readonly alwaysInJson: boolean;
  readonly wireType: number;
  /** `,"name":` as bytes; the comma before the first field is overwritten by the brace. */
  readonly key: Uint8Array;
  child: MessagePlan | undefined;
}

export interface MessagePlan {
  readonly message: MessageDescriptor;
  /** In the order in which they are written. */
  readonly fields: FieldPlan[];
  /** By field number: 0 unknown, 1 repeated, 2 singular, 3 + n member of oneof n. */
  readonly kinds: Uint8Array;
}

/** Above the largest field number of OTLP, 16. */
export const FIELDS_MAX = 32;
const plans = new Map<MessageDescriptor, MessagePlan>();

/** The plan of a message, made once. */
export function planOf(message: MessageDescriptor): MessagePlan {
  const known = plans.get(message);
  if (known !== undefined) return known;
  const plan: MessagePlan = { message, fields: [], kinds: new Uint8Array(FIELDS_MAX) };
  plans.set(message, plan);
  for (const field of message.fields) {
    const { number, type, repeated, presence, alwaysInJson, wireType } = field;
    plan.kinds[number] = repeated ? 1 : field.oneof >= 0 ? 3 + field.oneof : 2;
    const key = new TextEncoder().encode(`,"${field.name}":`);
    const child = field.message === undefined ? undefined : planOf(field.message);
    plan.fields.push({ number, type, repeated, presence, alwaysInJson, wireType, key, child });
  }
  return plan;
}
