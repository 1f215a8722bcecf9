import type { Capture, ObserveOptions } from '../plan-observers.ts';
import type { GrindOptions, GrindResult, JobSpec, Mill, MillStats, Part } from '../mill.ts';
import type { MillSettings } from '../mill-settings.ts';
import type { Plan } from '../plan.ts';
import { cutPlan, pointsOfSegments, segmentsOf } from './cut-plan.ts';
import type { Segment } from './cut-plan.ts';
import type { IsolatedPlugin } from './isolated-plugin.ts';
import { pass, release } from './passage.ts';
import type { Passage } from './passage.ts';
import { PluginMill } from './plugin-mill.ts';
import { resultOf } from './passage-result.ts';

/**
 * A mill that gives the steps of isolated plugins to workers of their own, and all others to the pool. A plan is cut where
 * the worker changes; what comes out is what the whole plan would give.
 */
export class IsolatingMill implements Mill {
  readonly #pool: Mill;
  readonly #plugins: ReadonlyMap<string, PluginMill>;
  readonly #pluginByModule: ReadonlyMap<string, string>;
  #plans: ReadonlyMap<string, CutPlan> = new Map();

  constructor(pool: Mill, plugins: readonly IsolatedPlugin[], settings: MillSettings) {
    const { clock = SYSTEM_CLOCK } = settings;
    this.#pool = pool;
    this.#plugins = new Map(plugins.map((plugin) => [plugin.name, new PluginMill(plugin, { ...settings, clock })]));
    this.#pluginByModule = new Map(plugins.flatMap(({ name, modules }) => modules.map((module) => [module, name])));
  }

  async start(plans: readonly Plan[]): Promise<void> {
    const cut = new Map(plans.map((plan) => [plan.id, new CutPlan(plan, this.#pluginByModule)]));
    const segments = [...cut.values()].flatMap((each) => each.segments);
    const plansOf = (plugin: string | undefined) =>
      segments.filter((segment) => segment.plugin === plugin).map(({ plan }) => plan);
    const starts = [
      this.#pool.start(plansOf(undefined)),
      ...[...this.#plugins].map(([name, mill]) => mill.start(plansOf(name))),
    ];
    // All of them, so that none is left half started.
    for (const started of await Promise.allSettled(starts)) if (started.status === 'rejected') throw started.reason;
    this.#plans = cut;
  }

  async grind(planId: string, parts: readonly Part[], options: GrindOptions): Promise<GrindResult> {
    const { first, isWhole } = this.#cutPlan(planId);
    if (isWhole) return this.#millOf(first).grind(first.plan.id, parts, options);
    const through = (some: readonly Part[], isTrial: boolean) =>
      pass(first, some, (segment, each) =>
        this.#grind(segment, each, { ...options, isTrial: isTrial && segment !== first }),
      );
    if (parts.length === 1) return resultOf(await through(parts, false));
    const together = await through(parts, true);
    if (together.failures.length === 0) return resultOf(together);
    return this.#apart(together, parts, (some) => through(some, false));
  }

  run(job: JobSpec, input: Uint8Array, params: unknown): Promise<Uint8Array> {
    const plugin = this.#plugins.get(this.#pluginByModule.get(job.module) ?? '');
    return (plugin ?? this.#pool).run(job, input, params);
  }

  observe(options: ObserveOptions, onCapture: (capture: Capture) => void): () => void {
    const cut = this.#cutPlan(options.plan);
    const ends = cut.observed(options.points).map(({ segment, index, points }) => {
      const plan = segment.plan.id;
      const keys = [...points.keys()];
      return this.#millOf(segment).observe({ ...options, plan, points: keys }, (capture) => {
        const point = points.get(capture.point.key);
        if (point === undefined) return;
        // Each segment counts its runs by itself.
        onCapture({ ...capture, plan: options.plan, point, run: capture.run * cut.segments.length + index });
      });
    });
    return () => {
      for (const end of ends) end();
    };
  }

  ping(): Promise<void> {
    return this.#pool.ping();
  }

  get stats(): MillStats {
    const { stats } = this.#pool;
    const plugins = [...this.#plugins.values()];
    return {
      // As many grinds can be under way as there are threads, of whatever kind.
      threads: stats.threads + plugins.length,
      running: plugins.reduce((sum, { running }) => sum + running, stats.running),
      waiting: plugins.reduce((sum, { waiting }) => sum + waiting, stats.waiting),
      utilisation: () => stats.utilisation(),
      workersLost: plugins.reduce((sum, plugin) => sum + plugin.stats.workersLost, stats.workersLost),
      plugins: plugins.map((plugin) => plugin.stats),
    };
  }

  async shutdown(): Promise<void> {
    await Promise.all([this.#pool, ...this.#plugins.values()].map((mill) => mill.shutdown()));
  }

  /**
   * Something failed behind a cut, where it can no longer be told whose it was: the parts that went there go through again,
   * each by itself. Steps are pure and nothing has left yet, so that nothing is done twice.
   */
  async #apart(
    together: Passage,
    parts: readonly Part[],
    through: (parts: readonly Part[]) => Promise<Passage>,
  ): Promise<GrindResult> {
    release(together.leaves);
    const touched = new Set(together.failures.flatMap((failure) => failure.parts));
    const indices = parts.map((_, index) => index);
    const groups = [
      indices.filter((index) => !touched.has(index)),
      ...[...touched].toSorted((a, b) => a - b).map((index) => [index]),
    ].filter((group) => group.length > 0);
    const results: { readonly group: readonly number[]; readonly result: GrindResult }[] = [];
    try {
      for (const group of groups) {
        const passage = await through(group.map((index) => parts[index]));
        results.push({ group, result: resultOf(passage) });
      }
    } catch (error) {
      for (const { result } of results) release(result.leaves);
      throw error;
    }
    return joined(results, parts.length);
  }

  #grind(segment: Segment, parts: readonly Part[], options: GrindOptions): Promise<GrindResult> {
    return this.#millOf(segment).grind(segment.plan.id, parts, options);
  }

  #millOf({ plugin }: Segment): Mill | PluginMill {
    return plugin === undefined ? this.#pool : (this.#plugins.get(plugin) as PluginMill);
  }

  #cutPlan(planId: string): CutPlan {
    const plan = this.#plans.get(planId);
    if (plan === undefined) throw new Error(`the mill was not given a plan "${planId}"`);
    return plan;
  }
}

class CutPlan {
  readonly #plan: Plan;
  readonly first: Segment;
  readonly segments: readonly Segment[];

  constructor(plan: Plan, pluginByModule: ReadonlyMap<string, string>) {
    this.#plan = plan;
    const first = cutPlan(plan, ({ module }) => pluginByModule.get(module));
    this.first = first.exits.every(({ to }) => to === 'leaf') ? { ...first, plan, exits: [] } : first;
    this.segments = segmentsOf(this.first);
  }

  get isWhole(): boolean {
    return this.segments.length === 1;
  }

  /** The segments at which some of the points are, with what each calls them. @throws {RangeError} for one that is nowhere. */
  observed(wanted: readonly string[] | undefined) {
    const all = pointsOfSegments(this.#plan, this.segments);
    const known = new Set(all.flatMap((points) => [...points.values()].map(({ key }) => key)));
    for (const key of wanted ?? []) {
      if (!known.has(key)) throw new RangeError(`plan "${this.#plan.id}" has no point "${key}"`);
    }
    const isWanted = (key: string) => wanted === undefined || wanted.includes(key);
    return this.segments
      .map((segment, index) => ({
        segment,
        index,
        points: new Map([...all[index]].filter(([, point]) => isWanted(point.key))),
      }))
      .filter(({ points }) => points.size > 0);
  }
}

/** The results of groups of parts, as one of all parts. */
function joined(
  results: readonly { readonly group: readonly number[]; readonly result: GrindResult }[],
  parts: number,
): GrindResult {
  const outcomes = new Array<GrindResult['parts'][number]>(parts);
  for (const { group, result } of results) {
    result.parts.forEach((outcome, index) => (outcomes[group[index]] = outcome));
  }
  const all = results.map(({ result }) => result);
  return {
    parts: outcomes,
    leaves: results.flatMap(({ group, result }) =>
      result.leaves.map((leaf) => ({ ...leaf, parts: leaf.parts.map((part) => group[part]) })),
    ),
    steps: all.flatMap(({ steps }) => steps),
    counts: all.flatMap(({ counts }) => counts),
    busyMs: all.reduce((sum, { busyMs }) => sum + busyMs, 0),
  };
}

/** A pending pause keeps the process alive: a grind waits for it. */
const SYSTEM_CLOCK = {
  monotonic: () => performance.now(),
  after(delayMs: number, callback: () => void) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
