import { messageOf, permanent } from '@millrace/api';
import type { ClientContext, Signal } from '@millrace/api';
import { countItems, InvalidMessage, normalize, validate } from '@millrace/otlp';
import { failureOf, invalidOf } from './failure.ts';
import type { Failure } from './failure.ts';
import { isolate } from './isolate.ts';
import { Lens } from './lens.ts';
import type { LensCapture, LensOrder } from './lens.ts';
import { mergeGroups } from './merge-groups.ts';
import { singles, without } from './piece.ts';
import type { ItemRange, Piece } from './piece.ts';
import { OutputWriter } from './output-writer.ts';
import type { ChunkRef } from './output-writer.ts';
import { describe, runPlan, StepFailure } from './run.ts';
import type { RunOutput } from './run.ts';
import type { BuiltPlan } from './steps.ts';
import type { Tally, TallyCount } from './tally.ts';
import type { VitalsRow } from './vitals.ts';

/** One grind as its executor sees it, on whichever thread. */
export interface GrindOrder {
  readonly plan: BuiltPlan;
  readonly inputs: readonly Uint8Array[];
  /** One for each input, or none where nobody has one. */
  readonly forms: readonly unknown[];
  /** One for each input; only where the plan keeps contexts apart. Equal ones have the same index. */
  readonly contexts: readonly number[];
  /** What the indices stand for. */
  readonly contextList: readonly (ClientContext | undefined)[];
  /** What killed a worker before, and is left out. */
  readonly excluded: readonly Exclusion[];
  readonly lease: Uint8Array;
  /** What is to be looked at; undefined where nobody does. */
  readonly look: LensOrder | undefined;
}

/** `range` undefined: the whole part. */
export interface Exclusion {
  readonly part: number;
  readonly range: ItemRange | undefined;
}

/** What came of it. References point into the inputs, the lease and the extra buffers. */
export interface Ground {
  readonly outcomes: readonly GroundPart[];
  readonly leaves: readonly GroundLeaf[];
  /** `[ordinal, incoming, outgoing, ...]` */
  readonly steps: readonly number[];
  /** `[ordinal, items, milliseconds, ...]` */
  readonly costs: readonly number[];
  readonly counts: readonly TallyCount[];
  readonly extras: readonly ArrayBufferLike[];
  readonly captures: readonly LensCapture[];
  readonly busyMs: number;
}

export interface GroundPart {
  items: number;
  failedItems: number;
  failure: Failure | undefined;
}

export interface GroundLeaf {
  readonly leaf: number;
  readonly signal: Signal;
  readonly items: number;
  /** Index into the order's contexts; -1 where contexts are not kept apart. */
  readonly context: number;
  /** Whose items these may be: the parts that went through the steps together. */
  readonly parts: readonly number[];
  readonly chunks: readonly ChunkRef[];
}

/** Runs grinds, one at a time. The same code on workers and in place: what it puts out is the same, byte for byte. */
export class Grinder {
  readonly #writer: OutputWriter;
  readonly #tally: Tally;
  #vitals: VitalsRow;
  #lens: Lens | undefined;

  constructor(options: { tally: Tally; vitals: VitalsRow; makeBuffer: (length: number) => ArrayBufferLike }) {
    this.#writer = new OutputWriter(options.makeBuffer);
    this.#tally = options.tally;
    this.#vitals = options.vitals;
  }

  /** Never throws for bad input or failing steps. */
  grind(order: GrindOrder, vitals: VitalsRow = this.#vitals): Ground {
    const started = performance.now();
    this.#begin(order, vitals);
    this.#lens = order.look === undefined ? undefined : new Lens(order.look);
    const { outcomes, pieces } = this.#decode(order);
    const leaves: GroundLeaf[] = [];
    for (const { context, pieces: group } of mergeGroups(order.plan.plan, order.contexts, pieces)) {
      this.#tally.context = order.contextList[context];
      const parts = partsOf(group);
      for (const output of this.#grindGroup(order, group, outcomes)) leaves.push({ ...output, context, parts });
    }
    const { steps, costs, counts } = this.#tally.close();
    const extras = [...this.#writer.extras];
    this.#writer.close();
    const captures = this.#lens?.captures ?? NO_CAPTURES;
    this.#lens = undefined;
    return { outcomes, leaves, steps, costs, counts, extras, captures, busyMs: performance.now() - started };
  }

  /**
   * Puts parts, and from `from.item` on single items, through the steps one by one and notes in the vitals which one it
   * is: if a worker dies of it, the main thread knows. Keeps nothing; what fails without killing is found by
   * {@link grind}.
   */
  probe(order: GrindOrder, from: { readonly part: number; readonly item: number }, vitals: VitalsRow): void {
    this.#begin(order, vitals);
    for (let part = from.part; part < order.inputs.length; part++) {
      if (isExcluded(order, part)) continue;
      vitals.beat();
      vitals.part = part;
      const piece = this.#decodePart(order, part);
      if (!('chunks' in piece)) continue;
      vitals.items = piece.items;
      if (order.contexts.length > 0) this.#tally.context = order.contextList[order.contexts[part]];
      const whole = part !== from.part || from.item < 0;
      if (whole && !this.#failsApart(order, piece)) continue;
      this.#probeItems(order, piece, whole ? 0 : from.item, vitals);
    }
    this.#tally.close();
    this.#writer.close();
  }

  /** Whether a part fails in a way that has its items tried apart. */
  #failsApart(order: GrindOrder, piece: Piece): boolean {
    const pieces = without(order.plan.plan.signal, piece, rangesOf(order, piece.part));
    const tried = this.#attempt(order, pieces, true);
    return 'failure' in tried && !tried.failure.retryable;
  }

  #probeItems(order: GrindOrder, piece: Piece, from: number, vitals: VitalsRow): void {
    const items = singles(order.plan.plan.signal, piece);
    for (let item = from; item < items.length; item++) {
      vitals.beat();
      vitals.item = item;
      this.#attempt(order, [items[item]], true);
    }
  }

  #begin(order: GrindOrder, vitals: VitalsRow): void {
    this.#vitals = vitals;
    vitals.open();
    this.#tally.open(order.plan.steps.length);
    this.#tally.context = undefined;
    this.#writer.open(order.inputs, order.lease);
  }

  #decode(order: GrindOrder): { outcomes: GroundPart[]; pieces: Piece[] } {
    const outcomes: GroundPart[] = [];
    const pieces: Piece[] = [];
    for (let part = 0; part < order.inputs.length; part++) {
      if (isExcluded(order, part)) {
        outcomes.push({ items: 0, failedItems: 0, failure: undefined });
        continue;
      }
      const piece = this.#decodePart(order, part);
      if (!('chunks' in piece)) {
        outcomes.push({ items: 0, failedItems: 0, failure: piece });
        continue;
      }
      outcomes.push({ items: piece.items, failedItems: 0, failure: undefined });
      if (piece.items === 0) continue;
      const ranges = rangesOf(order, part);
      pieces.push(...without(order.plan.plan.signal, piece, ranges));
    }
    return { outcomes, pieces };
  }

  #decodePart(order: GrindOrder, part: number): Piece | Failure {
    const { plan, decoder } = order.plan;
    const { signal } = plan;
    let bytes = order.inputs[part];
    let trusted = !plan.validate;
    if (decoder !== undefined) {
      this.#vitals.step = decoder.ordinal;
      this.#tally.begins();
      try {
        const decoded: unknown = decoder.decoder.decode(signal, bytes, order.forms[part]);
        if (!(decoded instanceof Uint8Array)) {
          throw permanent(`receiver "${decoder.spec.id}" failed: decode() returned ${describe(decoded)}, not bytes`, {
            code: 'DECODE_FAILED',
          });
        }
        bytes = decoded;
      } catch (error) {
        return failureOf(error, decoder.spec);
      } finally {
        this.#tally.ends(decoder.ordinal, 0);
      }
      trusted ||= decoder.decoder.trusted === true;
    }
    try {
      if (trusted) return { part, chunks: [bytes], items: countItems(signal, bytes) };
      const { items, canonical } = validate(signal, bytes);
      return { part, chunks: [canonical ? bytes : normalize(signal, bytes)], items };
    } catch (error) {
      if (error instanceof InvalidMessage) return invalidOf(error);
      // Only where nothing was validated: a decoder that is trusted, or a stateful step, made something malformed.
      return { code: 'INVALID_MESSAGE', message: messageOf(error), retryable: false, retryAfterMs: undefined };
    }
  }

  /** All pieces together; if a step fails, without what makes it fail. */
  #grindGroup(order: GrindOrder, pieces: readonly Piece[], outcomes: readonly GroundPart[]): readonly RunOutput[] {
    const done = this.#attempt(order, pieces, false);
    if ('outputs' in done) return done.outputs;
    const survivors: Piece[] = [];
    for (const piece of pieces) {
      this.#vitals.part = piece.part;
      // A piece that is alone has just failed.
      const first = pieces.length === 1 ? done.failure : undefined;
      const { good, failedItems, failure } = isolate(order.plan.plan.signal, piece, first, (each) => {
        const tried = this.#attempt(order, [each], true);
        return 'failure' in tried ? tried.failure : undefined;
      });
      survivors.push(...good);
      blame(outcomes[piece.part], failedItems, failure);
    }
    // Another piece of a part may have failed in a way that concerns the whole part.
    const kept = survivors.filter(({ part }) => outcomes[part].failure?.retryable !== true);
    if (kept.length === 0) return [];
    const again = this.#attempt(order, kept, false);
    if ('outputs' in again) return again.outputs;
    return kept.flatMap((piece) => {
      const alone = this.#attempt(order, [piece], false);
      if ('outputs' in alone) return alone.outputs;
      blame(outcomes[piece.part], piece.items, alone.failure);
      return [];
    });
  }

  /** One run, all or nothing. A dry one keeps nothing even if it succeeds. */
  #attempt(
    order: GrindOrder,
    pieces: readonly Piece[],
    dry: boolean,
  ): { readonly outputs: RunOutput[] } | { readonly failure: Failure } {
    const lens = dry ? undefined : this.#lens;
    const around = { writer: this.#writer, tally: this.#tally, vitals: this.#vitals, lens };
    const written = this.#writer.mark();
    const counted = this.#tally.mark();
    this.#vitals.beat();
    this.#writer.begin(dry);
    lens?.begin();
    try {
      const chunks = pieces.length === 1 ? pieces[0].chunks : pieces.flatMap((piece) => piece.chunks);
      const items = pieces.reduce((sum, piece) => sum + piece.items, 0);
      const outputs = runPlan(order.plan, { chunks, items }, around);
      if (!dry) return { outputs };
      this.#writer.rewind(written);
      this.#tally.rewind(counted);
      return { outputs };
    } catch (error) {
      this.#writer.rewind(written);
      this.#tally.rewind(counted);
      lens?.discard();
      if (error instanceof StepFailure) return { failure: error.failure };
      throw error;
    }
  }
}

const NO_CAPTURES: readonly LensCapture[] = [];

/** The indices of the parts that pieces come from, rising. */
function partsOf(pieces: readonly Piece[]): readonly number[] {
  const parts: number[] = [];
  for (const { part } of pieces) if (parts.at(-1) !== part) parts.push(part);
  return parts;
}

function isExcluded(order: GrindOrder, part: number): boolean {
  return order.excluded.some((each) => each.part === part && each.range === undefined);
}

function rangesOf(order: GrindOrder, part: number): ItemRange[] {
  if (order.excluded.length === 0) return [];
  return order.excluded
    .flatMap((each) => (each.part === part && each.range !== undefined ? [each.range] : []))
    .sort((a, b) => a.from - b.from);
}

function blame(outcome: GroundPart, failedItems: number, failure: Failure | undefined): void {
  if (failure === undefined) return;
  if (failure.retryable) {
    // The whole part is sent again.
    outcome.failedItems = outcome.items;
    outcome.failure = failure;
    return;
  }
  if (outcome.failure?.retryable === true) return;
  outcome.failedItems += failedItems;
  outcome.failure ??= failure;
}
