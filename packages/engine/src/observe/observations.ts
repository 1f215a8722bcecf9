import { ComponentError, type Kind } from '@millrace/api';
import { didYouMean } from '@millrace/config';
import type { Capture, Sight } from '@millrace/workers';
import type { RunningGraph } from '../reload/running-graph.ts';
import { findPlaces, tapNames, type TapPlace, tapPlaces, type TapSide } from './tap-place.ts';

/** How much is looked at. */
export interface ObservationLimits {
  /** 1 looks at every worker task, 10 at each tenth. */
  readonly sampleEvery: number;
  /** Most bytes that are copied at one place, before and after each: the first items that fit. */
  readonly bytesMax: number;
  /** Most bytes per second; what comes beyond is not looked at. */
  readonly bytesPerSecondMax: number;
}

/** What was seen of one component. The bytes are copies. */
export interface Observed {
  readonly kind: Kind | 'pipeline';
  /** Id of the component or pipeline. */
  readonly id: string;
  readonly pipeline: string;
  /** Which sides are told; the other one is not known here, not empty. */
  readonly side: TapSide;
  /** What it was given. */
  readonly before: Sight | undefined;
  /** What it gave: for a connector, one for each pipeline that gets some. */
  readonly after: readonly Sight[];
  /** The same for all that was seen of one run through the same steps. */
  readonly run: string;
  /** A step failed later: what did not fail comes again. */
  readonly isDiscarded: boolean;
  /** Worker tasks before this one that were not looked at, because of the limits. */
  readonly skipped: number;
}

/** Who looks at what flows. Observations outlive reloads: each follows its name to the new graph. */
export class Observations {
  readonly #running: () => RunningGraph;
  readonly #all = new Set<Observation>();

  constructor(running: () => RunningGraph) {
    this.#running = running;
  }

  /** What can be named. */
  get names(): readonly string[] {
    const { config, graph } = this.#running();
    return tapNames(tapPlaces(config, graph));
  }

  /**
   * Looks at a component, a pipeline or an edge, see {@link findPlaces}. The result ends it.
   * @throws {ComponentError} OBSERVE_UNKNOWN, with all names.
   */
  add(name: string | undefined, limits: ObservationLimits, onObserved: (observed: Observed) => void): () => void {
    const observation = new Observation(name, limits, onObserved);
    if (!observation.follow(this.#running())) {
      const { names } = this;
      const meant = didYouMean(name ?? '', names);
      throw new ComponentError(`nothing that data passes is called "${name ?? 'receiver'}"`, {
        code: 'OBSERVE_UNKNOWN',
        remedy: `${meant === undefined ? '' : `${meant} `}there are: ${names.join(', ')}; and edges such as receiver->processor`,
      });
    }
    this.#all.add(observation);
    return () => {
      observation.stop();
      this.#all.delete(observation);
    };
  }

  /** After a reload: looks at the graph that runs now. What is not in it any more is not seen. */
  follow(): void {
    for (const observation of this.#all) observation.follow(this.#running());
  }

  stop(): void {
    for (const observation of this.#all) observation.stop();
    this.#all.clear();
  }
}

class Observation {
  readonly #name: string | undefined;
  readonly #limits: ObservationLimits;
  readonly #onObserved: (observed: Observed) => void;
  #stops: (() => void)[] = [];
  #graph: RunningGraph | undefined;

  constructor(name: string | undefined, limits: ObservationLimits, onObserved: (observed: Observed) => void) {
    this.#name = name;
    this.#limits = limits;
    this.#onObserved = onObserved;
  }

  /** Says whether there is something to look at. */
  follow(running: RunningGraph): boolean {
    if (this.#graph === running) return true;
    this.stop();
    this.#graph = running;
    const { config, graph, mill } = running;
    const byPlan = Map.groupBy(findPlaces(this.#name, tapPlaces(config, graph), config), ({ plan }) => plan);
    const bytesPerSecondMax = this.#limits.bytesPerSecondMax / byPlan.size;
    for (const [plan, places] of byPlan) {
      const points = [...new Set(places.map(({ point }) => point.key))];
      const onCapture = (capture: Capture) => this.#tell(capture, places);
      this.#stops.push(mill.observe({ ...this.#limits, bytesPerSecondMax, plan, points }, onCapture));
    }
    return byPlan.size > 0;
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#graph = undefined;
  }

  #tell({ plan, point, run, before, after, isDiscarded, skipped }: Capture, places: readonly TapPlace[]): void {
    for (const place of places) {
      if (place.point.key !== point.key) continue;
      const { kind, id, pipeline, side } = place;
      const isStep = point.place === 'transform' || point.place === 'junction';
      this.#onObserved({
        kind,
        id,
        pipeline,
        side,
        before: side === 'after' ? undefined : before,
        // At other places than steps there is one sight: what passes.
        after: side === 'before' ? [] : isStep ? after : [before],
        run: `${plan} ${run}`,
        isDiscarded,
        skipped,
      });
    }
  }
}
