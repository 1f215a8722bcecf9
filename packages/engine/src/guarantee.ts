import type { ResolvedComponent } from '@millrace/config';
import { queueOf } from './connector-queue.ts';
import type { PipelineGraph, LeafSpec } from './pipeline-graph.ts';

/** What an acknowledgement means at some point of a pipeline. */
export type Guarantee = 'memory' | 'safe';

/** Why something acknowledged can still be lost in a crash: what is in memory, of which component. */
export type Weakness =
  'memory_queue' | 'memory_destination' | 'connector_queue' | 'memory_connector' | 'memory_processor';

/**
 * What everything behind a stateful component gives: `safe` as soon as one destination acknowledges only what is
 * delivered or on disk, because then waiting for it gains something.
 */
export function guaranteeBehind(
  graph: PipelineGraph,
  key: string,
  exporters: ReadonlyMap<string, Guarantee>,
): Guarantee {
  const stages = graph.stages.filter(({ entry }) => entry.from === 'stateful' && entry.key === key);
  const safe = stages.some(({ leaves }) => leaves.some((leaf) => guaranteeOf(graph, leaf, exporters) === 'safe'));
  return safe ? 'safe' : 'memory';
}

function guaranteeOf(graph: PipelineGraph, leaf: LeafSpec, exporters: ReadonlyMap<string, Guarantee>): Guarantee {
  if (leaf.to === 'exporter') return exporters.get(leaf.id) ?? 'safe';
  const spec = graph.stateful.find(({ key }) => key === leaf.key);
  const isWeak = spec !== undefined && weaknessOf(spec.component) !== undefined;
  return isWeak ? 'memory' : guaranteeBehind(graph, leaf.key, exporters);
}

/** Why a component itself acknowledges what can be lost; undefined where it waits for what is behind it. */
export function weaknessOf(component: ResolvedComponent<'processor' | 'connector'>): Weakness | undefined {
  return isProcessor(component)
    ? processorWeakness(component)
    : connectorWeakness(component as ResolvedComponent<'connector'>);
}

function isProcessor(
  component: ResolvedComponent<'processor' | 'connector'>,
): component is ResolvedComponent<'processor'> {
  return component.kind === 'processor';
}

function processorWeakness({ definition, config }: ResolvedComponent<'processor'>): Weakness | undefined {
  return definition.stateful?.acknowledges?.(config) === 'taken' ? 'memory_processor' : undefined;
}

function connectorWeakness(connector: ResolvedComponent<'connector'>): Weakness | undefined {
  if (connector.definition.stateful?.acknowledges === 'taken') return 'memory_connector';
  const queue = queueOf(connector);
  return queue === undefined || queue.wait_for_result ? undefined : 'connector_queue';
}
