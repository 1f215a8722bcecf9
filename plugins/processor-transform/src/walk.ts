import type { LogsBatch, MetricsBatch, TracesBatch } from '@millrace/otlp';
import type { Program } from '@millrace/ottl';

/** Programs that run one after the other for each record, in one loop over the batch. */
export interface Walk {
  readonly context: Program['context'];
  readonly programs: readonly Program[];
}

/**
 * Groups run one after the other over the whole batch. Neighbours of one context share a loop where nobody can tell the
 * difference: where each of them changes nothing but the record that it runs for.
 */
export function walksOf(programs: readonly Program[]): Walk[] {
  const walks: { context: Program['context']; programs: Program[] }[] = [];
  for (const program of programs) {
    const last = walks.at(-1);
    const fits =
      last?.context === program.context && program.changesOnlyItself && last.programs.every((p) => p.changesOnlyItself);
    if (fits) last.programs.push(program);
    else walks.push({ context: program.context, programs: [program] });
  }
  return walks;
}

// The loops below are the hot path: benchmarks/micro/transform.ts.

function runAll(programs: readonly Program[], view: unknown, parent: unknown, index: number): void {
  for (let i = 0; i < programs.length; i++) programs[i].run(view, parent, index);
}

interface Containers {
  readonly resources: Iterable<{ readonly scopes: Iterable<unknown> }>;
}

function walkContainers({ resources }: Containers, { context, programs }: Walk): void {
  for (const resource of resources) {
    if (context === 'resource') runAll(programs, resource, null, 0);
    else for (const scope of resource.scopes) runAll(programs, scope, null, 0);
  }
}

export function walkLogs(batch: LogsBatch, walk: Walk): void {
  const { context, programs } = walk;
  if (context !== 'log') walkContainers(batch, walk);
  else for (const record of batch.records) runAll(programs, record, null, 0);
}

export function walkTraces(batch: TracesBatch, walk: Walk): void {
  const { context, programs } = walk;
  if (context === 'span') for (const span of batch.spans) runAll(programs, span, null, 0);
  else if (context === 'spanevent') {
    for (const span of batch.spans) {
      let index = 0;
      for (const event of span.events) runAll(programs, event, span, index++);
    }
  } else walkContainers(batch, walk);
}

export function walkMetrics(batch: MetricsBatch, walk: Walk): void {
  const { context, programs } = walk;
  if (context === 'metric') for (const metric of batch.metrics) runAll(programs, metric, null, 0);
  else if (context === 'datapoint') for (const point of batch.dataPoints) runAll(programs, point, null, 0);
  else if (context === 'exemplar') {
    for (const point of batch.dataPoints)
      if (point.type !== 'summary') for (const exemplar of point.exemplars) runAll(programs, exemplar, point, 0);
  } else walkContainers(batch, walk);
}
