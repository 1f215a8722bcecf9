import type { Signal } from '@millrace/api';
import { observationPoints } from '../observation-point.ts';
import type { ObservationPoint } from '../observation-point.ts';
import type { Branch, Output, Plan, StepSpec } from '../plan.ts';

/** A part of a plan that one mill grinds in one go. */
export interface Segment {
  /** With leaves of its own: `exits` tells what they are. */
  readonly plan: Plan;
  /** Whose worker grinds it; undefined: the pool. */
  readonly plugin: string | undefined;
  /** By leaf index of `plan`. */
  readonly exits: readonly Exit[];
}

export type Exit =
  /** A leaf of the whole plan. */
  | { readonly to: 'leaf'; readonly leaf: number }
  /** `isDirect`: what comes out here are the items that came into the whole plan, all of them, in their order. */
  | { readonly to: 'segment'; readonly segment: Segment; readonly isDirect: boolean };

/** Cuts a plan wherever the next step belongs to another worker. The first segment leads to all others. */
export function cutPlan(plan: Plan, pluginOf: (step: StepSpec) => string | undefined): Segment {
  return new Cutter(plan, pluginOf).cut();
}

/** All segments, each before those behind it. */
export function segmentsOf(first: Segment): readonly Segment[] {
  return [first, ...first.exits.flatMap((exit) => (exit.to === 'segment' ? segmentsOf(exit.segment) : []))];
}

/**
 * For each segment, in the order of {@link segmentsOf}, which of the plan's observation points its own ones are, by key.
 * Points that only the cuts have made are in none.
 */
export function pointsOfSegments(
  plan: Plan,
  segments: readonly Segment[],
): readonly ReadonlyMap<string, ObservationPoint>[] {
  const left = [...observationPoints(plan)];
  return segments.map((segment) => {
    const points = new Map<string, ObservationPoint>();
    for (const point of observationPoints(segment.plan)) {
      const leaf = leafOf(point, segment);
      const at = leaf === CUT ? -1 : left.findIndex((each) => isSame(each, point, leaf));
      if (at >= 0) points.set(point.key, ...(left.splice(at, 1) as [ObservationPoint]));
    }
    return points;
  });
}

const CUT = -1;

/** The whole plan's leaf that a point stands for. */
function leafOf(
  { leaf }: ObservationPoint,
  { exits }: { readonly exits: readonly (Exit | undefined)[] },
): number | undefined {
  if (leaf === undefined) return undefined;
  const exit = exits[leaf];
  // A plan that was not cut is as it was.
  if (exit === undefined) return leaf;
  return exit.to === 'leaf' ? exit.leaf : CUT;
}

function isSame(a: ObservationPoint, b: ObservationPoint, leaf: number | undefined): boolean {
  return a.place === b.place && a.pipeline === b.pipeline && a.component === b.component && a.leaf === leaf;
}

class Cutter {
  readonly #plan: Plan;
  readonly #pluginOf: (step: StepSpec) => string | undefined;
  #segments = 0;

  constructor(plan: Plan, pluginOf: (step: StepSpec) => string | undefined) {
    this.#plan = plan;
    this.#pluginOf = pluginOf;
  }

  cut(): Segment {
    const { signal, decoder, validate, branches } = this.#plan;
    const plugin = decoder === undefined ? this.#home() : this.#pluginOf(decoder);
    const builder = new SegmentBuilder(this.#nextId(), plugin, true);
    if (plugin === undefined || decoder === undefined) {
      return builder.build(
        this.#plan,
        branches.map((branch) => this.#branch(branch, builder)),
      );
    }
    const behind = this.#segment(undefined, signal, branches, true);
    const branch = {
      pipeline: '',
      signal,
      transforms: [],
      outputs: [builder.exit({ to: 'segment', segment: behind, isDirect: true })],
    };
    return builder.build({ ...this.#plan, decoder, validate }, [branch]);
  }

  /** Where a plan without a decoder begins. What comes from outside is validated on the pool, whoever gets it then. */
  #home(): string | undefined {
    const { validate, branches } = this.#plan;
    if (validate) return undefined;
    const firsts = new Set(branches.flatMap((branch) => this.#firstPlugins(branch)));
    return firsts.size === 1 ? [...firsts][0] : undefined;
  }

  #firstPlugins({ transforms, outputs }: Branch): readonly (string | undefined)[] {
    return transforms.length > 0
      ? [this.#pluginOf(transforms[0])]
      : outputs.map((output) => this.#pluginOfOutput(output));
  }

  #segment(plugin: string | undefined, signal: Signal, branches: readonly Branch[], isDirect: boolean): Segment {
    const builder = new SegmentBuilder(this.#nextId(), plugin, isDirect);
    const plan = { ...this.#plan, signal, decoder: undefined, validate: false };
    return builder.build(
      plan,
      branches.map((branch) => this.#branch(branch, builder)),
    );
  }

  #branch(branch: Branch, builder: SegmentBuilder, isBehindJunction = false): Branch {
    const { signal, transforms, outputs } = branch;
    const at = transforms.findIndex((step) => this.#pluginOf(step) !== builder.plugin);
    const isDirect = builder.isDirect && !isBehindJunction;
    if (at >= 0) {
      const rest = { ...branch, transforms: transforms.slice(at) };
      const segment = this.#segment(this.#pluginOf(transforms[at]), signal, [rest], isDirect && at === 0);
      const exit = builder.exit({ to: 'segment', segment, isDirect: isDirect && at === 0 });
      return { ...branch, transforms: transforms.slice(0, at), outputs: [exit] };
    }
    const byPlugin = Map.groupBy(outputs, (output) => this.#pluginOfOutput(output, builder.plugin));
    const made = [...byPlugin].flatMap(([plugin, own]) => {
      if (plugin === builder.plugin) return own.map((output) => this.#output(output, builder));
      const segment = this.#segment(
        plugin,
        signal,
        [{ ...branch, transforms: [], outputs: own }],
        isDirect && transforms.length === 0,
      );
      return [builder.exit({ to: 'segment', segment, isDirect: isDirect && transforms.length === 0 })];
    });
    return { ...branch, outputs: made };
  }

  #output(output: Output, builder: SegmentBuilder): Output {
    if (output.to === 'leaf') {
      const { leaf } = builder.exit({ to: 'leaf', leaf: output.leaf });
      return { ...output, leaf };
    }
    return { ...output, branches: output.branches.map((branch) => this.#branch(branch, builder, true)) };
  }

  /** What has no step of its own is put out wherever it is. */
  #pluginOfOutput(output: Output, here?: string): string | undefined {
    if (output.to === 'junction') return this.#pluginOf(output.junction);
    return output.encoder === undefined ? here : this.#pluginOf(output.encoder);
  }

  #nextId(): string {
    return `${this.#plan.id}#${this.#segments++}`;
  }
}

class SegmentBuilder {
  readonly plugin: string | undefined;
  /** Whether the items that come in are those of the whole plan. */
  readonly isDirect: boolean;
  readonly #id: string;
  readonly #exits: Exit[] = [];

  constructor(id: string, plugin: string | undefined, isDirect: boolean) {
    this.#id = id;
    this.plugin = plugin;
    this.isDirect = isDirect;
  }

  exit(exit: Exit): Extract<Output, { to: 'leaf' }> {
    const leaf = this.#exits.push(exit) - 1;
    return { to: 'leaf', leaf, encoder: undefined, contiguous: false };
  }

  build(plan: Plan, branches: readonly Branch[]): Segment {
    return { plan: { ...plan, id: this.#id, branches }, plugin: this.plugin, exits: this.#exits };
  }
}
