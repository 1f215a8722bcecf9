import type { ClientContext } from '@millrace/api';
import { SIGNALS } from '@millrace/api';
import type { Failure } from './failure.ts';
import type { Exclusion, Ground, GroundLeaf, GroundPart } from './grind.ts';
import type { LensCapture, LensOrder } from './lens.ts';
import type { JobSpec } from './mill.ts';
import type { ChunkRef } from './output-writer.ts';
import type { Plan } from './plan.ts';
import type { TallyCount } from './tally.ts';

/**
 * What the threads say to each other. Everything that every grind has is in one array of integers: for a hundred parts
 * that costs no more than an empty message, where cloned objects cost 30 µs more and msgpackr 9. What only some have
 * travels beside it and is undefined otherwise; for such small objects structured clone is as fast as msgpackr, and
 * keeps every type (`benchmarks/micro/workers.ts message`).
 */
export interface Request {
  /** `[kind, slot, plan, lease block, offset, length, parts, then for each part: block, offset, length, form, context]` */
  readonly numbers: Int32Array;
  readonly more: GrindExtras | JobRequest | undefined;
  /** Blocks that this worker has not met yet. Filled in when a worker is chosen. */
  buffers: readonly (readonly [id: number, buffer: ArrayBufferLike])[] | undefined;
  /** Blocks that are gone. Filled in likewise. */
  forget: readonly number[] | undefined;
}

export interface GrindExtras {
  /** The different forms of the parts. */
  readonly forms: readonly unknown[];
  readonly contexts: readonly (ClientContext | undefined)[];
  readonly excluded: readonly Exclusion[];
  /** Look for what kills, from here on, instead of grinding. */
  readonly probe: { readonly part: number; readonly item: number } | undefined;
  readonly look: LensOrder | undefined;
}

export interface JobRequest {
  readonly job: JobSpec;
  readonly params: unknown;
}

export interface Reply {
  /** See {@link encodeGround}; empty for other kinds. */
  readonly numbers: Int32Array;
  readonly more: ReplyExtras | undefined;
}

export interface ReplyExtras {
  readonly failures: readonly Failure[];
  readonly counts: readonly TallyCount[];
  readonly extras: readonly ArrayBufferLike[];
  readonly captures: readonly LensCapture[];
  /** A job's result; a number where it is so many bytes of the room that it was given. */
  readonly output: Uint8Array | number | undefined;
  /** The worker could not do what it was asked for. */
  readonly refusal: Refusal | undefined;
}

/** An error on its way between threads. */
export interface Refusal {
  readonly component: boolean;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly remedy: string | undefined;
}

export interface WorkerData {
  readonly plans: readonly Plan[];
  readonly vitals: Int32Array;
  /** How long to wait before anything is imported, see RestartPause. */
  readonly restartPause: Int32Array;
  /** Where the main thread keeps compiled code; saves workers from stripping types again. */
  readonly compileCache: string | undefined;
  /** URL of the module that does the work, see worker-boot.mjs. */
  readonly entry: string;
}

/** A line that a step of a worker logs. */
export interface LogMessage {
  readonly log: 'debug' | 'info' | 'warn' | 'error';
  readonly component: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

export const KIND_READY = 0;
export const KIND_GRIND = 1;
export const KIND_PROBE = 2;
export const KIND_JOB = 3;

/** Positions in {@link Request.numbers}. */
export const AT_KIND = 0;
export const AT_SLOT = 1;
export const AT_PLAN = 2;
export const AT_LEASE = 3;
export const AT_PARTS = 6;
export const PART_NUMBERS = 5;
export const HEADER_NUMBERS = 7;

export function emptyRequest(kind: number): Request {
  const numbers = new Int32Array(HEADER_NUMBERS);
  numbers[AT_KIND] = kind;
  return { numbers, more: undefined, buffers: undefined, forget: undefined };
}

/** `[busy µs, steps, (ordinal, in, out)..., costs, (ordinal, items, 0.1 µs)..., parts, (items, failed, failure)..., (leaf, signal, items, context, parts, chunks, part..., (source, offset, length)...)...]` */
export function encodeGround(ground: Ground): Reply {
  const { outcomes, leaves, steps, costs, counts, extras, captures } = ground;
  const failures: Failure[] = [];
  const numbers: number[] = [Math.round(ground.busyMs * 1000), steps.length / 3, ...steps, costs.length / 3];
  for (let at = 0; at < costs.length; at += 3) {
    numbers.push(costs[at], costs[at + 1], Math.min(Math.round(costs[at + 2] * 10_000), INT32_MAX));
  }
  numbers.push(outcomes.length);
  for (const { items, failedItems, failure } of outcomes) {
    numbers.push(items, failedItems, failure === undefined ? -1 : failures.push(failure) - 1);
  }
  for (const { leaf, signal, items, context, parts, chunks } of leaves) {
    numbers.push(leaf, SIGNALS.indexOf(signal), items, context, parts.length, chunks.length, ...parts);
    for (const { source, offset, length } of chunks) numbers.push(source, offset, length);
  }
  const plain = failures.length === 0 && counts.length === 0 && extras.length === 0 && captures.length === 0;
  const more = plain ? undefined : { failures, counts, extras, captures, output: undefined, refusal: undefined };
  return { numbers: Int32Array.from(numbers), more };
}

/** 214 s in tenths of microseconds: more than any deadline. */
const INT32_MAX = 2 ** 31 - 1;

export function decodeGround({ numbers, more }: Reply): Ground {
  let at = 0;
  const busyMs = numbers[at++] / 1000;
  const stepsEnd = 2 + numbers[at++] * 3;
  const steps = Array.from(numbers.subarray(2, stepsEnd));
  at = stepsEnd + 1;
  const costs: number[] = [];
  for (const end = at + numbers[stepsEnd] * 3; at < end; at += 3) {
    costs.push(numbers[at], numbers[at + 1], numbers[at + 2] / 10_000);
  }
  const parts = numbers[at++];
  const outcomes: GroundPart[] = [];
  for (let part = 0; part < parts; part++, at += 3) {
    const failure = numbers[at + 2];
    outcomes.push({
      items: numbers[at],
      failedItems: numbers[at + 1],
      failure: failure < 0 ? undefined : more?.failures[failure],
    });
  }
  const leaves: GroundLeaf[] = [];
  while (at < numbers.length) {
    const [leaf, signal, items, context, partCount, count] = numbers.subarray(at, at + 6);
    at += 6;
    const ofParts = Array.from(numbers.subarray(at, at + partCount));
    at += partCount;
    const chunks: ChunkRef[] = [];
    for (let chunk = 0; chunk < count; chunk++, at += 3) {
      chunks.push({ source: numbers[at], offset: numbers[at + 1], length: numbers[at + 2] });
    }
    leaves.push({ leaf, signal: SIGNALS[signal], items, context, parts: ofParts, chunks });
  }
  const { counts = [], extras = [], captures = [] } = more ?? {};
  return { outcomes, leaves, steps, costs, counts, extras, captures, busyMs };
}
