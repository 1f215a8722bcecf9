import type { ResolvedConfig } from '@millrace/config';
import type { Mill, Plan } from '@millrace/workers';
import type { Assembly } from '../assembly.ts';
import type { PipelineGraph } from '../pipeline-graph.ts';

/** A configuration with all that runs for it. */
export interface RunningGraph {
  readonly config: ResolvedConfig;
  readonly graph: PipelineGraph;
  readonly mill: Mill;
  readonly parts: Assembly;
}

/** Everything that the mill of a graph has to know. */
export function plansOf({ stages, encodes, decodes }: PipelineGraph): readonly Plan[] {
  return [...[...stages, ...encodes].map(({ plan }) => plan), ...decodes.values()];
}
