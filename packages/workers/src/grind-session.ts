import { isRetryable } from '@millrace/api';
import type { ClientContext, DeliveryError } from '@millrace/api';
import type { Arena, Region } from './arena.ts';
import type { ArenaRegion } from './arena-region.ts';
import { SMALL_BYTES_MAX } from './arena.ts';
import { errorOf } from './failure.ts';
import type { Failure } from './failure.ts';
import type { Ground } from './grind.ts';
import type { GrindResult, LeafBatch, Part, PartOutcome } from './mill.ts';
import type { GrindReport, StepCost, StepFault } from './mill-settings.ts';
import { LEASE } from './output-writer.ts';
import type { ChunkRef } from './output-writer.ts';
import type { PlanEntry } from './plan-entry.ts';

/** The main thread's side of one grind: holds the memory of its inputs and outputs, and makes the result. */
export class GrindSession {
  readonly entry: PlanEntry;
  readonly parts: readonly Part[];
  /** The parts' memory, readable by workers. */
  readonly inputs: readonly ArenaRegion[];
  readonly contexts: readonly number[];
  readonly contextList: readonly (ClientContext | undefined)[];
  readonly inputBytes: number;
  readonly #arena: Arena;

  /** @throws a retryable DeliveryError if inputs have to be copied and there is no room. */
  constructor(entry: PlanEntry, parts: readonly Part[], arena: Arena) {
    this.entry = entry;
    this.parts = parts;
    this.#arena = arena;
    this.inputs = inputsOf(parts, arena);
    this.inputBytes = this.inputs.reduce((sum, region) => sum + region.bytes.length, 0);
    const { contexts, contextList } = entry.plan.keepContexts ? contextsOf(parts) : NO_CONTEXTS;
    this.contexts = contexts;
    this.contextList = contextList;
  }

  /** Room for the outputs, as much as grinds of this plan needed lately; undefined when the budget has none. */
  lease(): ArenaRegion | undefined {
    try {
      return this.#arena.allocate(this.entry.outputEstimate(this.inputBytes, this.inputs.length), 'output');
    } catch (error) {
      if (isRetryable(error)) return undefined;
      throw error;
    }
  }

  /** Turns what was ground into a result, and ends the lease. */
  result(ground: Ground, lease: ArenaRegion | undefined): GrindResult {
    const { steps, edges } = this.entry;
    const made: Region[] = [];
    let leaves: readonly LeafBatch[] = [];
    let outcomes = ground.outcomes;
    try {
      leaves = this.#leaves(ground, lease, made);
    } catch (error) {
      if (!isRetryable(error)) throw error;
      for (const region of made) region.release();
      outcomes = outcomes.map((outcome) => noRoom(outcome, error as Failure));
    } finally {
      lease?.release();
    }
    const counted: GrindResult['steps'][number][] = [];
    for (let at = 0; at < ground.steps.length; at += 3) {
      const [ordinal, incoming, outgoing] = ground.steps.slice(at, at + 3);
      const edge = ordinal < steps.length ? undefined : edges[ordinal - steps.length];
      if (edge === undefined) {
        const { spec, pipeline } = steps[ordinal];
        counted.push({ id: spec.id, signal: spec.signal, pipeline, incoming, outgoing });
      } else {
        const { id, from, to, pipeline } = edge;
        counted.push({ id, signal: from, to, pipeline, incoming, outgoing });
      }
    }
    this.entry.learn(this.inputBytes, this.inputs.length, writtenBytes(ground));
    return {
      parts: outcomes.map(outcomeOf),
      leaves,
      steps: counted,
      counts: ground.counts,
      busyMs: ground.busyMs,
    };
  }

  /** What a grind cost, for whoever measures it. */
  report(ground: Ground, waitMs: number): GrindReport {
    const { plan, steps } = this.entry;
    const costs: StepCost[] = [];
    for (let at = 0; at < ground.costs.length; at += 3) {
      const { spec, pipeline } = steps[ground.costs[at]];
      const { id, role, signal } = spec;
      costs.push({ id, role, signal, pipeline, items: ground.costs[at + 1], busyMs: ground.costs[at + 2] });
    }
    const { inputBytes, parts } = this;
    return {
      planId: plan.id,
      parts: parts.length,
      inputBytes,
      waitMs,
      busyMs: ground.busyMs,
      costs,
      failures: faultsIn(ground),
    };
  }

  /** A result in which no part was taken. */
  static refused(parts: readonly Part[], error: DeliveryError): GrindResult {
    const outcomes = parts.map(() => ({ items: 0, failedItems: 0, error }));
    return { parts: outcomes, leaves: [], steps: [], counts: [], busyMs: 0 };
  }

  /** Lets go of the inputs. */
  end(): void {
    for (const region of this.inputs) region.release();
  }

  #leaves(ground: Ground, lease: ArenaRegion | undefined, made: Region[]): readonly LeafBatch[] {
    const extras: ArenaRegion[] = [];
    try {
      for (const buffer of ground.extras) extras.push(this.#arena.adopt(buffer, buffer.byteLength));
      const kept = new Kept(this.#arena, this.inputs, lease, extras, ground);
      return ground.leaves.map(({ leaf, signal, items, context, parts, chunks }) => ({
        leaf,
        signal,
        items,
        context: context < 0 ? this.#commonContext(parts) : this.contextList[context],
        parts,
        regions: chunks.map((chunk) => {
          const region = kept.region(chunk);
          made.push(region);
          return region;
        }),
      }));
    } finally {
      for (const region of extras) region.release();
    }
  }

  #commonContext(parts: readonly number[]): ClientContext | undefined {
    const first = this.parts[parts[0]]?.context;
    return parts.every((part) => this.parts[part]?.context === first) ? first : undefined;
  }
}

/** Makes regions of references. What would pin a much larger buffer is copied. */
class Kept {
  readonly #arena: Arena;
  readonly #inputs: readonly ArenaRegion[];
  readonly #buffers: readonly (ArenaRegion | undefined)[];
  /** For the lease and each extra buffer: whether it is well filled. */
  readonly #tight: readonly boolean[];

  constructor(
    arena: Arena,
    inputs: readonly ArenaRegion[],
    lease: ArenaRegion | undefined,
    extras: readonly ArenaRegion[],
    ground: Ground,
  ) {
    this.#arena = arena;
    this.#inputs = inputs;
    this.#buffers = [lease, ...extras];
    const used = this.#buffers.map(() => 0);
    for (const { chunks } of ground.leaves) {
      for (const { source, length } of chunks) if (source < 0) used[LEASE - source] += length;
    }
    // Leaves may share what is in the lease.
    used[0] = Math.min(used[0], leaseEnd(ground));
    this.#tight = this.#buffers.map(
      (buffer, index) => buffer !== undefined && used[index] * 4 >= buffer.span.block.capacity,
    );
    if (lease !== undefined && this.#tight[0]) arena.shrink(lease.span, leaseEnd(ground));
  }

  region({ source, offset, length }: ChunkRef): ArenaRegion {
    if (source >= 0) return this.#inputs[source].view(offset, length);
    // LEASE is the first buffer, the first extra one the next, and so on.
    const index = LEASE - source;
    const buffer = this.#buffers[index] as ArenaRegion;
    if (length > SMALL_BYTES_MAX && this.#tight[index]) return buffer.view(offset, length);
    return this.#arena.keep(buffer.bytes.subarray(offset, offset + length));
  }
}

const NO_CONTEXTS = { contexts: [], contextList: [] };

function inputsOf(parts: readonly Part[], arena: Arena): ArenaRegion[] {
  const inputs: ArenaRegion[] = [];
  try {
    for (const { region } of parts) {
      inputs.push(arena.isShareable(region) ? region.share() : arena.copy(region.bytes, 'output'));
    }
  } catch (error) {
    for (const region of inputs) region.release();
    throw error;
  }
  return inputs;
}

function contextsOf(parts: readonly Part[]): { contexts: number[]; contextList: (ClientContext | undefined)[] } {
  const contextList: (ClientContext | undefined)[] = [];
  const indices = new Map<string, number>();
  const contexts = parts.map(({ context }) => {
    const key = JSON.stringify(context) ?? '';
    let index = indices.get(key);
    if (index === undefined) {
      index = contextList.push(context) - 1;
      indices.set(key, index);
    }
    return index;
  });
  return { contexts, contextList };
}

function faultsIn({ outcomes }: Ground): readonly StepFault[] {
  return outcomes.flatMap(({ failure }) =>
    failure?.at === undefined ? [] : [{ message: failure.message, at: failure.at }],
  );
}

function outcomeOf({ items, failedItems, failure }: Ground['outcomes'][number]): PartOutcome {
  if (failure === undefined) return { items, failedItems, error: undefined };
  return { items, failedItems, error: errorOf(failure, failedItems > 0 ? failedItems : undefined) };
}

function noRoom(outcome: Ground['outcomes'][number], error: Failure): Ground['outcomes'][number] {
  const { code, message, retryable, retryAfterMs } = error;
  // What has failed for good is not sent again because of this.
  if (outcome.failure !== undefined && outcome.failedItems === outcome.items) return outcome;
  return { items: outcome.items, failedItems: outcome.items, failure: { code, message, retryable, retryAfterMs } };
}

/** What was written to the lease, or would have been had it been large enough. */
function writtenBytes(ground: Ground): number {
  let bytes = leaseEnd(ground);
  for (const { chunks } of ground.leaves) {
    for (const { source, length } of chunks) if (source < LEASE) bytes += length;
  }
  return bytes;
}

/** How far the lease is in use. Several leaves may share a stretch of it, and there may be gaps. */
function leaseEnd(ground: Ground): number {
  let end = 0;
  for (const { chunks } of ground.leaves) {
    for (const { source, offset, length } of chunks) if (source === LEASE) end = Math.max(end, offset + length);
  }
  return end;
}
