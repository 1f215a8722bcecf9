import type { ResolvedConfig } from '@millrace/config';
import { Unchanged } from './unchanged.ts';

/** Pure processors and connectors of pipelines that are new, gone or other ones: what comes next passes through the new ones. */
export function changedSteps(before: ResolvedConfig, after: ResolvedConfig): readonly string[] {
  const unchanged = new Unchanged(before, after);
  const was = pureSteps(before);
  const is = pureSteps(after);
  return [...new Map([...was, ...is])]
    .filter(([name, { kind, id }]) => !(was.has(name) && is.has(name) && unchanged.has(kind, id)))
    .map(([name]) => name);
}

interface Step {
  readonly kind: 'processor' | 'connector';
  readonly id: string;
}

/** Those that some pipeline uses, by their names in messages. */
function pureSteps({ pipelines, processors, connectors }: ResolvedConfig): ReadonlyMap<string, Step> {
  const steps = new Map<string, Step>();
  const add = (kind: Step['kind'], id: string) => steps.set(`${kind} "${id}"`, { kind, id });
  for (const pipeline of pipelines.values()) {
    for (const id of pipeline.processors) if (processors.get(id)?.definition.create) add('processor', id);
    for (const id of pipeline.exporters) if (connectors.get(id)?.definition.create) add('connector', id);
  }
  return steps;
}
