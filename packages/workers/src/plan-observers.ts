import { messageOf } from '@millrace/api';
import type { Logger } from '@millrace/api';
import type { LensCapture, LensOrder, Sight } from './lens.ts';
import { observationPoints } from './observation-point.ts';
import type { ObservationPoint } from './observation-point.ts';
import type { Plan } from './plan.ts';

export interface ObserveOptions {
  /** Id of the plan. */
  readonly plan: string;
  /** Keys of its points, see `observationPoints`; all by default. */
  readonly points?: readonly string[];
  /** 1 looks at every grind, 10 at each tenth. */
  readonly sampleEvery: number;
  /** Most bytes that are copied at one point, before and after each: the first items that fit. */
  readonly bytesMax: number;
  /** Most bytes per second over all workers; what comes beyond is not looked at. `Infinity` looks at all. */
  readonly bytesPerSecondMax: number;
}

/** What was seen at one point. Copies: they belong to the observer. */
export interface Capture {
  readonly plan: string;
  readonly point: ObservationPoint;
  /** The same for all captures of one run through the plan; unique within an observation. */
  readonly run: number;
  /** What came to the point. */
  readonly before: Sight;
  /** What a step made of it: one for a transform, one for each pipeline that a junction chose, none for other places. */
  readonly after: readonly Sight[];
  /** A step failed later in the run; what did not fail comes again in a run of its own. */
  readonly isDiscarded: boolean;
  /** Grinds since the last capture that were sampled and not looked at, because of the limit. */
  readonly skipped: number;
}

/** Who looks at the grinds of one plan. The main thread decides for each grind; workers keep nothing. */
export class PlanObservers {
  readonly #plan: Plan;
  readonly #logger: Logger;
  readonly #observers = new Set<Observer>();
  readonly #points: ReadonlyMap<string, ObservationPoint>;
  readonly #nowMs: () => number;

  constructor(plan: Plan, logger: Logger, nowMs = () => performance.now()) {
    this.#plan = plan;
    this.#logger = logger;
    this.#nowMs = nowMs;
    this.#points = new Map(observationPoints(plan).map((point) => [point.key, point]));
  }

  get isEmpty(): boolean {
    return this.#observers.size === 0;
  }

  /** The result stops it. @throws {RangeError} for a point that the plan does not have. */
  add(options: ObserveOptions, onCapture: (capture: Capture) => void): () => void {
    for (const key of options.points ?? []) {
      if (!this.#points.has(key)) throw new RangeError(`plan "${options.plan}" has no point "${key}"`);
    }
    const observer = new Observer(options, onCapture);
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }

  /** What the next grind is to be looked at for. */
  order(): GrindLook | undefined {
    const now = this.#nowMs();
    const looking = [...this.#observers].filter((observer) => observer.wants(now));
    if (looking.length === 0) return undefined;
    const all = looking.some(({ options }) => options.points === undefined);
    const keys = all ? undefined : [...new Set(looking.flatMap(({ options }) => options.points ?? []))];
    const bytesMax = Math.max(...looking.map(({ options }) => options.bytesMax));
    return { lens: { keys, bytesMax }, deliver: (captures) => this.#deliver(looking, captures) };
  }

  #deliver(looking: readonly Observer[], captures: readonly LensCapture[]): void {
    for (const observer of looking) {
      if (!this.#observers.has(observer)) continue;
      try {
        observer.take(captures, this.#plan.id, this.#points);
      } catch (error) {
        this.#observers.delete(observer);
        this.#logger.warn('an observer failed and is left out', { plan: this.#plan.id, reason: messageOf(error) });
      }
    }
  }
}

/** What one grind is looked at for, and by whom. */
export interface GrindLook {
  readonly lens: LensOrder;
  readonly deliver: (captures: readonly LensCapture[]) => void;
}

class Observer {
  readonly options: ObserveOptions;
  readonly #onCapture: (capture: Capture) => void;
  readonly #keys: ReadonlySet<string> | undefined;
  #grinds = 0;
  #skipped = 0;
  #runs = 0;
  /** Bytes that may still be copied; below 0 after a large grind. */
  #credit: number;
  #creditAtMs = 0;

  constructor(options: ObserveOptions, onCapture: (capture: Capture) => void) {
    this.options = options;
    this.#onCapture = onCapture;
    this.#keys = options.points === undefined ? undefined : new Set(options.points);
    this.#credit = options.bytesPerSecondMax;
  }

  wants(nowMs: number): boolean {
    const { sampleEvery, bytesPerSecondMax } = this.options;
    if (this.#grinds++ % sampleEvery !== 0) return false;
    if (bytesPerSecondMax === Infinity) return true;
    const earned = ((nowMs - this.#creditAtMs) / 1000) * bytesPerSecondMax;
    this.#credit = Math.min(bytesPerSecondMax, this.#credit + earned);
    this.#creditAtMs = nowMs;
    if (this.#credit > 0) return true;
    this.#skipped++;
    return false;
  }

  take(captures: readonly LensCapture[], plan: string, points: ReadonlyMap<string, ObservationPoint>): void {
    const first = this.#runs;
    for (const { key, run, before, after, isDiscarded } of captures) {
      if (this.#keys?.has(key) === false) continue;
      const point = points.get(key) as ObservationPoint;
      this.#runs = Math.max(this.#runs, first + run + 1);
      for (const sight of [before, ...after]) for (const { length } of sight.chunks) this.#credit -= length;
      const skipped = this.#skipped;
      this.#skipped = 0;
      this.#onCapture({ plan, point, run: first + run, before, after, isDiscarded, skipped });
    }
  }
}
