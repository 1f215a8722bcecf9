import { permanent } from '@millrace/api';
import type { LogsBatch, MetricsBatch, ProfilesBatch, TracesBatch } from '@millrace/otlp';
import type { Program } from '@millrace/ottl';

/** Programs that run one after the other for each record, in one loop over the batch. */
export interface Walk {
  readonly context: Program['context'];
  readonly programs: readonly Program[];
}

/**
 * Groups run one after the other over the whole batch. Neighbours of one context share a loop where nobody can tell the
 * difference: where each of them changes nothing but the record that it runs for, and shares no cache.
 */
export function walksOf(programs: readonly Program[]): Walk[] {
  const walks: { context: Program['context']; programs: Program[] }[] = [];
  for (const program of programs) {
    const last = walks.at(-1);
    const fits = last?.context === program.context && isApart(program) && last.programs.every(isApart);
    if (fits) last.programs.push(program);
    else walks.push({ context: program.context, programs: [program] });
  }
  return walks;
}

function isApart(program: Program): boolean {
  return program.changesOnlyItself && !program.sharesCache;
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
  if (context === 'metric') {
    if (!programs.every((program) => program.changesOnlyItself)) walkGrowingScopes(batch, programs);
    else for (const metric of batch.metrics) runAll(programs, metric, null, 0);
  } else if (context === 'datapoint') for (const point of batch.dataPoints) runAll(programs, point, null, 0);
  else if (context === 'exemplar') {
    for (const point of batch.dataPoints)
      if (point.type !== 'summary') for (const exemplar of point.exemplars) runAll(programs, exemplar, point, 0);
  } else walkContainers(batch, walk);
}

export function walkProfiles(batch: ProfilesBatch, walk: Walk): void {
  const { context, programs } = walk;
  if (context === 'profile') for (const profile of batch.profiles) runAll(programs, profile, null, 0);
  else if (context === 'profilesample') {
    for (const profile of batch.profiles) for (const sample of profile.samples) runAll(programs, sample, profile, 0);
  } else walkContainers(batch, walk);
}

/** Rounds over the metrics of a scope: each is for those that the round before has added, so chains of copies are as long. */
const ROUNDS_MAX = 10;
/** Metrics that one round may add for metrics that were added themselves. */
const METRICS_ADDED_MAX = 100_000;

/**
 * As in the Collector, metrics that statements add to a scope are visited, too, behind the others: `copy_metric` without a `where`
 * copies its copies. There it never ends; here it fails.
 */
function walkGrowingScopes(batch: MetricsBatch, programs: readonly Program[]): void {
  for (const resource of batch.resources) {
    for (const scope of resource.scopes) {
      let visited = 0;
      for (let round = 0; ; round++) {
        let count = 0;
        for (const metric of scope.metrics) if (count++ >= visited) runAll(programs, metric, null, 0);
        if (count === visited || count === 0) break;
        if (round === ROUNDS_MAX || (round > 1 && count - visited > METRICS_ADDED_MAX))
          throw permanent(`statements go on adding metrics to the scope "${scope.name}": add a where that stops them`, {
            code: 'OTTL_ENDLESS',
          });
        visited = count;
      }
    }
  }
}
