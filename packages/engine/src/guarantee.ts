import type { PipelineGraph, LeafSpec } from './pipeline-graph.ts';

/** What an acknowledgement means at some point of a pipeline. */
export type Guarantee = 'memory' | 'safe';

/** Why an exporter acknowledges what a crash can still lose: its queue is in memory, or its destination is. */
export type Weakness = 'memory_queue' | 'memory_destination';

/**
 * What everything behind a stateful processor gives: `safe` as soon as one destination acknowledges only what is
 * delivered or on disk, because then waiting for it gains something.
 */
export function guaranteeBehind(
  graph: PipelineGraph,
  key: string,
  exporters: ReadonlyMap<string, Guarantee>,
): Guarantee {
  const stage = graph.stages.find(({ entry }) => entry.from === 'stateful' && entry.key === key);
  const safe = (stage?.leaves ?? []).some((leaf) => guaranteeOf(graph, leaf, exporters) === 'safe');
  return safe ? 'safe' : 'memory';
}

function guaranteeOf(graph: PipelineGraph, leaf: LeafSpec, exporters: ReadonlyMap<string, Guarantee>): Guarantee {
  if (leaf.to === 'exporter') return exporters.get(leaf.id) ?? 'safe';
  return guaranteeBehind(graph, leaf.key, exporters);
}
