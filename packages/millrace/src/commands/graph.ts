import { mermaid, pipelineTree } from '../display/graph-picture.ts';
import { paintFor } from '../display/paint.ts';
import type { ConfigOptions } from './read-config.ts';
import { buildOnly } from './validate.ts';

/** Prints the pipelines of a configuration. The result is the exit code. */
export async function graph(options: ConfigOptions, format: 'tree' | 'mermaid'): Promise<number> {
  const collector = await buildOnly(options);
  if (collector === undefined) return 1;
  const { pipelines, config } = collector;
  const text =
    format === 'mermaid'
      ? mermaid(pipelines, new Set(config.connectors.keys()))
      : pipelineTree(pipelines, paintFor(process.stdout));
  process.stdout.write(text);
  await collector.shutdown();
  return 0;
}
