import type { Kind } from '@millrace/api';
import type { ResolvedConfig, ResolvedPipeline } from '@millrace/config';
import { type ObservationPoint, observationPoints } from '@millrace/workers';
import type { PipelineGraph, StageSpec } from '../pipeline-graph.ts';

/** Which sides of a component can be seen at a place. */
export type TapSide = 'before' | 'after' | 'both';

/** A place of the running graph at which data can be looked at, from the view of one component or pipeline. */
export interface TapPlace {
  readonly kind: Kind | 'pipeline';
  /** Id of the component or pipeline. */
  readonly id: string;
  /** The pipeline that it is in. */
  readonly pipeline: string;
  /** `both` where what goes in and what comes out belong together. */
  readonly side: TapSide;
  readonly plan: string;
  readonly point: ObservationPoint;
}

/** Every place of a graph, in the order of the pipelines and of the components in them. */
export function tapPlaces(config: ResolvedConfig, graph: PipelineGraph): readonly TapPlace[] {
  const order = [...config.pipelines.values()].flatMap(({ id, receivers, processors, exporters }) => {
    return [...receivers, ...processors, ...exporters, id];
  });
  const places = graph.stages.toReversed().flatMap((stage) => [...placesOf(stage, config, graph)]);
  return places.toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}

function* placesOf(stage: StageSpec, config: ResolvedConfig, graph: PipelineGraph): Generator<TapPlace> {
  const { plan, entry, leaves } = stage;
  const points = observationPoints(plan);
  const at = (point: ObservationPoint, kind: TapPlace['kind'], id: string, side: TapSide): TapPlace => {
    return { kind, id, pipeline: point.pipeline, side, plan: plan.id, point };
  };
  const statefulOf = (key: string) => graph.stateful.find((spec) => spec.key === key);
  const source = entry.from === 'stateful' ? statefulOf(entry.key) : undefined;
  // All pipelines of a receiver get the same.
  if (entry.from === 'receiver') yield at(points[0], 'receiver', entry.id, 'after');
  else if (source !== undefined) yield at(points[0], source.kind, source.component.id, 'after');
  for (const point of points) {
    const { place, pipeline, component = '', leaf = 0 } = point;
    if (place === 'transform') yield at(point, 'processor', component, 'both');
    else if (place === 'junction') yield at(point, 'connector', component, 'both');
    else if (place === 'leaf') {
      const target = leaves[leaf];
      const stateful = target.to === 'stateful' ? statefulOf(target.key) : undefined;
      if (target.to === 'exporter') yield at(point, 'exporter', target.id, 'before');
      if (stateful !== undefined) yield at(point, stateful.kind, stateful.component.id, 'before');
    } else if (source?.kind !== 'processor' || point !== points[0]) {
      // A pipeline does not begin behind a processor.
      yield at(point, 'pipeline', pipeline, 'after');
      for (const id of gatesOf(pipeline, config)) yield at(point, 'processor', id, 'after');
    }
  }
}

/** Gates let requests through before they are read: what they let through is what comes into the pipeline. */
function gatesOf(pipeline: string, config: ResolvedConfig): readonly string[] {
  const processors = config.pipelines.get(pipeline)?.processors ?? [];
  return processors.filter((id) => config.processors.get(id)?.definition.gate !== undefined);
}

/** What a user can name: components, with their kind where several have the id, and pipelines. */
export function tapNames(places: readonly TapPlace[]): readonly string[] {
  const names = new Set<string>();
  for (const wanted of KINDS) {
    for (const { id, kind } of places) {
      if (kind !== wanted) continue;
      const isAlone = places.every((other) => other.id !== id || other.kind === kind);
      names.add(isAlone ? id : `${kind}:${id}`);
    }
  }
  return [...names];
}

/** As data passes them. */
const KINDS: readonly TapPlace['kind'][] = ['receiver', 'processor', 'connector', 'exporter', 'pipeline'];

/**
 * The places that a name stands for: a component (`batch`, `exporter:otlp`, in one pipeline `logs:batch`), a pipeline
 * (what comes into it), or the edge between two neighbours (`otlp->batch`). Without a name, all receivers. Empty where
 * nothing has that name.
 */
export function findPlaces(
  name: string | undefined,
  places: readonly TapPlace[],
  config: ResolvedConfig,
): readonly TapPlace[] {
  if (name === undefined) return places.filter(({ kind }) => kind === 'receiver');
  const [from, to] = name.split('->').map((end) => end.trim());
  if (to !== undefined) return edgePlaces(from, to, places, config);
  return places.filter(({ id, kind, pipeline }) => {
    return name === id || name === `${kind}:${id}` || name === `${pipeline}:${id}`;
  });
}

/** What comes to `to` in the pipelines in which it stands behind `from`. */
function edgePlaces(
  from: string,
  to: string,
  places: readonly TapPlace[],
  config: ResolvedConfig,
): readonly TapPlace[] {
  const found: TapPlace[] = [];
  for (const pipeline of config.pipelines.values()) {
    if (!areNeighbours(pipeline, from, to)) continue;
    const plan = config.receivers.has(from) ? `${from}/${pipeline.signal}` : undefined;
    for (const place of places) {
      if (place.pipeline !== pipeline.id || place.id !== to || place.kind === 'receiver') continue;
      const isGate = place.kind === 'processor' && place.point.place === 'branch';
      if (place.side === 'after' && !(isGate && gatesOf(pipeline.id, config).includes(to))) continue;
      // A pipeline has its receivers in stages of their own.
      if (plan !== undefined && pipeline.receivers.includes(from) && place.plan !== plan) continue;
      found.push({ ...place, side: 'before' });
    }
  }
  return found;
}

function areNeighbours({ receivers, processors, exporters }: ResolvedPipeline, from: string, to: string): boolean {
  const stops = [receivers, ...processors.map((id) => [id]), exporters];
  return stops.slice(0, -1).some((stop, index) => stop.includes(from) && stops[index + 1].includes(to));
}
