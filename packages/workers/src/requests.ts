import type { ArenaRegion } from './arena-region.ts';
import type { Block } from './block.ts';
import type { Exclusion } from './grind.ts';
import type { GrindSession } from './grind-session.ts';
import type { LensOrder } from './lens.ts';
import {
  AT_KIND,
  AT_LEASE,
  AT_PARTS,
  AT_PLAN,
  emptyRequest,
  HEADER_NUMBERS,
  KIND_GRIND,
  KIND_JOB,
  KIND_PROBE,
  PART_NUMBERS,
} from './protocol.ts';
import type { JobRequest, Request } from './protocol.ts';

/** What a worker is told to grind, and the memory that this refers to. */
export function grindRequest(
  session: GrindSession,
  lease: ArenaRegion | undefined,
  excluded: readonly Exclusion[],
  probe: { readonly part: number; readonly item: number } | undefined,
  look?: LensOrder,
): { readonly request: Request; readonly blocks: readonly Block[] } {
  const { entry, inputs, contexts } = session;
  const { forms, formOf } = formsOf(session);
  const numbers = new Int32Array(HEADER_NUMBERS + inputs.length * PART_NUMBERS);
  const blocks: Block[] = [];
  numbers[AT_KIND] = probe === undefined ? KIND_GRIND : KIND_PROBE;
  numbers[AT_PLAN] = entry.index;
  if (lease !== undefined) writeStretch(numbers, AT_LEASE, lease, blocks);
  numbers[AT_PARTS] = inputs.length;
  let at = HEADER_NUMBERS;
  for (let part = 0; part < inputs.length; part++, at += PART_NUMBERS) {
    writeStretch(numbers, at, inputs[part], blocks);
    numbers[at + 3] = formOf[part] ?? 0;
    numbers[at + 4] = contexts[part] ?? 0;
  }
  const plain = forms.length === 0 && contexts.length === 0 && excluded.length === 0;
  const isMore = !plain || probe !== undefined || look !== undefined;
  const more = isMore ? { forms, contexts: session.contextList, excluded, probe, look } : undefined;
  return { request: { numbers, more, buffers: undefined, forget: undefined }, blocks };
}

/** `room` is for the result, where it fits. */
export function jobRequest(
  work: JobRequest,
  input: ArenaRegion,
  room: ArenaRegion | undefined,
): { readonly request: Request; readonly blocks: readonly Block[] } {
  const empty = emptyRequest(KIND_JOB);
  const numbers = new Int32Array(HEADER_NUMBERS + PART_NUMBERS);
  const blocks: Block[] = [];
  numbers.set(empty.numbers);
  if (room !== undefined) writeStretch(numbers, AT_LEASE, room, blocks);
  writeStretch(numbers, HEADER_NUMBERS, input, blocks);
  return { request: { ...empty, numbers, more: work }, blocks };
}

function writeStretch(numbers: Int32Array, at: number, region: ArenaRegion, blocks: Block[]): void {
  const { block } = region.span;
  const { bytes } = region;
  // Neighbours mostly share a slab.
  if (blocks.at(-1) !== block) blocks.push(block);
  numbers[at] = block.id;
  numbers[at + 1] = bytes.byteOffset;
  numbers[at + 2] = bytes.length;
}

/** The different forms; payloads that came the same way mostly have equal ones. */
function formsOf({ entry, parts }: GrindSession): {
  readonly forms: readonly unknown[];
  readonly formOf: readonly number[];
} {
  if (entry.plan.decoder === undefined) return NO_FORMS;
  const forms: unknown[] = [];
  const indices = new Map<unknown, number>();
  const formOf = parts.map(({ form }) => {
    const key = keyOf(form);
    let index = indices.get(key);
    if (index === undefined) {
      index = forms.push(form) - 1;
      indices.set(key, index);
    }
    return index;
  });
  return forms.length === 1 && forms[0] === undefined ? NO_FORMS : { forms, formOf };
}

const NO_FORMS = { forms: [], formOf: [] };

/** Equal for equal flat objects of strings, numbers and booleans; anything richer is only equal to itself. */
function keyOf(form: unknown): unknown {
  if (typeof form !== 'object' || form === null || Object.getPrototypeOf(form) !== Object.prototype) return form;
  let key = '';
  for (const [name, value] of Object.entries(form)) {
    const type = typeof value;
    if (type !== 'string' && type !== 'number' && type !== 'boolean' && value !== undefined) return form;
    key += `${JSON.stringify(name)}:${type}${JSON.stringify(value)};`;
  }
  return key;
}
