import { type ClientContext, DeliveryError, messageOf, permanent, retryable } from '@millrace/api';
import { isForNow } from '@millrace/delivery';
import type { GrindResult, LeafBatch, Mill, Part, PartOutcome } from '@millrace/workers';
import type { StageSpec } from './pipeline-graph.ts';

/** What takes the output of a stage: an exporter's delivery, or a stateful component. */
export interface LeafTarget {
  /**
   * Takes the regions over. Resolves when it has taken responsibility; rejects with a DeliveryError. With `asksAgain`, a
   * refusal for now is no end: the caller will ask again, and counts nothing as refused until it gives up.
   */
  consume(batch: LeafBatch, options?: { readonly asksAgain: boolean }): Promise<void>;
}

export interface StageSettings {
  readonly spec: StageSpec;
  readonly mill: Mill;
  /** By leaf index. */
  readonly targets: readonly LeafTarget[];
  /**
   * Where senders were answered already: waits before a target that refused for now is asked again. Only that target is;
   * to pass the whole batch again would give it twice to the others. Without it, refusals go back to the sender.
   */
  readonly patience?: (refusal: DeliveryError) => Promise<void>;
  /**
   * Keeps what workers died over, and what is refused for good where senders were answered. The result says why it does
   * not; undefined: it does.
   */
  readonly deadLetter?: (part: Part, outcome: PartOutcome) => Promise<DeliveryError | undefined>;
  /**
   * Keeps what a stateful component refuses for good where senders were answered; exporters have dead letters of their own.
   * Reads the regions until it settles. The result says why it does not.
   */
  readonly refusedLetter?: (leaf: LeafBatch, error: DeliveryError) => Promise<DeliveryError | undefined>;
  /** Called after each grind, for the metrics. */
  onGround(result: GrindResult): void;
}

/** What became of a submission. */
export interface StageOutcome {
  /** Items that it held, as far as they could be counted. */
  readonly items: number;
  /** How many of them were not taken. */
  readonly failedItems: number;
  /** Why; undefined when everything was taken. */
  readonly error: DeliveryError | undefined;
}

/** One grind takes at most this much raw input, so that its latency stays bounded. */
const GRIND_BYTES_MAX = 4 * 1024 * 1024;

/** Parts that are accepted or refused together. */
interface Submission {
  readonly parts: readonly Part[];
  readonly bytes: number;
  readonly settle: (outcome: StageOutcome) => void;
}

/**
 * A run of pure steps and what stands at its ends. While a grind is under way, payloads from outside gather; the next
 * grind takes all of them, up to a byte limit: batches are large exactly when there is much to do.
 */
export class Stage {
  readonly #settings: StageSettings;
  readonly #grindsMax: number;
  #waiting: Submission[] = [];
  #running = 0;
  /** Submissions that are not settled yet. */
  #open = 0;
  #idle: (() => void)[] = [];
  #emptied: (() => void)[] = [];

  constructor(settings: StageSettings) {
    this.#settings = settings;
    this.#grindsMax = Math.max(1, settings.mill.stats.threads);
  }

  get id(): string {
    return this.#settings.spec.plan.id;
  }

  get openSubmissions(): number {
    return this.#open;
  }

  /**
   * Puts parts through the steps and hands the results to the targets. Takes the parts' regions over. Resolves when
   * every target has taken responsibility or refused; never rejects.
   */
  submit(parts: readonly Part[]): Promise<StageOutcome> {
    this.#open++;
    const done = new Promise<StageOutcome>((settle) => {
      const bytes = parts.reduce((sum, part) => sum + part.region.bytes.length, 0);
      this.#waiting.push({ parts, bytes, settle });
    });
    this.#pump();
    return done;
  }

  /** Resolves when nothing that was submitted is unsettled. */
  drained(): Promise<void> {
    return this.#open === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Resolves when all that was submitted is in the hands of its targets, settled or not. */
  handedOver(): Promise<void> {
    if (this.#isEmpty) return Promise.resolve();
    return new Promise((resolve) => this.#emptied.push(resolve));
  }

  get #isEmpty(): boolean {
    return this.#running === 0 && this.#waiting.length === 0;
  }

  #pump(): void {
    while (this.#running < this.#grindsMax && this.#waiting.length > 0) void this.#grind(this.#take());
  }

  /** The next grind's share. Behind a stateful component, what it made up is left as it is. */
  #take(): Submission[] {
    if (this.#settings.spec.entry.from === 'stateful') return this.#waiting.splice(0, 1);
    let bytes = 0;
    let count = 0;
    for (const submission of this.#waiting) {
      if (count > 0 && bytes + submission.bytes > GRIND_BYTES_MAX) break;
      bytes += submission.bytes;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #grind(group: readonly Submission[]): Promise<void> {
    const { mill, spec } = this.#settings;
    const parts = group.length === 1 ? group[0].parts : group.flatMap((submission) => submission.parts);
    this.#running++;
    let result: GrindResult;
    try {
      result = await mill.grind(spec.plan.id, parts, { priority: spec.priority });
    } catch (error) {
      const outcome = { items: 0, failedItems: 0, error: asDeliveryError(error) };
      for (const part of parts) part.region.release();
      for (const submission of group) this.#settle(submission, outcome);
      return;
    } finally {
      this.#running--;
      this.#pump();
      // The targets are called in this turn; those who wait are told in the next one.
      if (this.#isEmpty) for (const resolve of this.#emptied.splice(0)) resolve();
    }
    this.#settings.onGround(result);
    result = { ...result, parts: await this.#bury(parts, result.parts) };
    for (const part of parts) part.region.release();
    const refusals = await this.#deliver(result);
    let first = 0;
    for (const submission of group) {
      const end = first + submission.parts.length;
      this.#settle(submission, judge(result.parts.slice(first, end), worstOf(refusals.slice(first, end))));
      first = end;
    }
  }

  /** What became of parts when the dead letter has what belongs there. */
  async #bury(parts: readonly Part[], outcomes: readonly PartOutcome[]): Promise<readonly PartOutcome[]> {
    const { deadLetter, patience } = this.#settings;
    if (deadLetter === undefined || outcomes.every(({ error }) => error === undefined)) return outcomes;
    const isLost = ({ error }: PartOutcome) =>
      error !== undefined && !error.retryable && (patience !== undefined || error.code === 'WORKER_KILLED');
    return Promise.all(
      outcomes.map(async (outcome, index) => {
        if (!isLost(outcome) || (await deadLetter(parts[index], outcome)) !== undefined) return outcome;
        return { items: outcome.items, failedItems: 0, error: undefined };
      }),
    );
  }

  /** For each part the worst that any target of its items said. */
  async #deliver({ leaves, parts }: GrindResult): Promise<(DeliveryError | undefined)[]> {
    const settled = await Promise.allSettled(leaves.map(async (leaf) => this.#handOver(leaf)));
    const refusals = parts.map((): DeliveryError | undefined => undefined);
    for (const [index, each] of settled.entries()) {
      if (each.status === 'fulfilled') continue;
      const error = asDeliveryError(each.reason);
      for (const part of leaves[index].parts) refusals[part] = worstOf([refusals[part], error]);
    }
    return refusals;
  }

  async #handOver(leaf: LeafBatch): Promise<void> {
    const { targets, patience } = this.#settings;
    const target = targets[leaf.leaf];
    if (patience === undefined) return target.consume(leaf);
    try {
      for (;;) {
        const again = { ...leaf, regions: leaf.regions.map((region) => region.share()) };
        const error = await refusalOf(target, again);
        if (error === undefined) return;
        if (isForNow(error)) await patience(error);
        else if (await this.#isKept(leaf, error)) return;
        else throw error;
      }
    } finally {
      for (const region of leaf.regions) region.release();
    }
  }

  async #isKept(leaf: LeafBatch, error: DeliveryError): Promise<boolean> {
    const { refusedLetter, spec } = this.#settings;
    if (refusedLetter === undefined || error.retryable || spec.leaves[leaf.leaf].to === 'exporter') return false;
    return (await refusedLetter(leaf, error)) === undefined;
  }

  #settle(submission: Submission, outcome: StageOutcome): void {
    submission.settle(outcome);
    this.#open--;
    if (this.#open === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}

async function refusalOf(target: LeafTarget, batch: LeafBatch): Promise<DeliveryError | undefined> {
  try {
    await target.consume(batch, { asksAgain: true });
    return undefined;
  } catch (error) {
    return asDeliveryError(error);
  }
}

/** What can succeed later must be sent again, even where another branch has given up. */
export function worstOf(errors: readonly (DeliveryError | undefined)[]): DeliveryError | undefined {
  let worst: DeliveryError | undefined;
  for (const error of errors) {
    if (error !== undefined && (worst === undefined || (error.retryable && !worst.retryable))) worst = error;
  }
  return worst;
}

/** Sums the parts of one submission up. `refusal` is what targets said to what came of them. */
function judge(outcomes: readonly PartOutcome[], refusal: DeliveryError | undefined): StageOutcome {
  let items = 0;
  let failedItems = 0;
  let error: DeliveryError | undefined;
  for (const outcome of outcomes) {
    items += outcome.items;
    failedItems += outcome.failedItems;
    // What can succeed later must be sent again, even where another part never can.
    if (error === undefined || (outcome.error?.retryable === true && !error.retryable)) error = outcome.error;
  }
  const nothingLeft = error !== undefined && failedItems >= items;
  if (refusal !== undefined && !nothingLeft) return { items, failedItems: items, error: refusal };
  return { items, failedItems, error };
}

/** Anything that was thrown on the data path. */
export function asDeliveryError(error: unknown): DeliveryError {
  return error instanceof DeliveryError
    ? error
    : permanent(`internal error: ${messageOf(error)}`, { code: 'INTERNAL', cause: error });
}

/** Refuses work that comes after the end of the intake. */
export function shuttingDown(): DeliveryError {
  return retryable('the collector is shutting down', { code: 'SHUTTING_DOWN' });
}

/** A part of OTLP protobuf, as stateful steps hand it on. */
export function otlpPart(region: Part['region'], context: ClientContext | undefined): Part {
  return { region, form: undefined, context };
}
