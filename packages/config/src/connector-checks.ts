import type { Definition } from '@millrace/api';
import type { ComponentEntries, ComponentEntry } from './component-entries.ts';
import type { ComponentReference } from './decode-context.ts';
import type { PipelineEntry } from './pipeline-entries.ts';
import type { Problems } from './problems.ts';

/** A connector named in a pipeline. */
interface Use {
  readonly pipeline: PipelineEntry;
  readonly reference: ComponentReference;
}

/** Data that flows from one pipeline into another. */
interface Edge {
  readonly connector: string;
  readonly from: Use;
  readonly to: Use;
}

/** Checks that connectors have two ends that fit, and that no data can go in circles. */
export function checkConnectors(
  pipelines: readonly PipelineEntry[],
  entries: ComponentEntries,
  problems: Problems,
): void {
  const edges: Edge[] = [];
  for (const connector of entries.connector.values()) {
    checkAmbiguous(connector, entries, problems);
    const uses = (role: 'receivers' | 'exporters'): Use[] =>
      pipelines.flatMap((pipeline) =>
        pipeline[role].filter(({ id }) => id === connector.id).map((reference) => ({ pipeline, reference })),
      );
    edges.push(...checkEnds(connector, uses('exporters'), uses('receivers'), problems));
  }
  checkCycles(pipelines, edges, problems);
}

function checkAmbiguous({ id, key, path }: ComponentEntry, entries: ComponentEntries, problems: Problems): void {
  for (const kind of ['receiver', 'exporter'] as const) {
    if (!entries[kind].has(id)) continue;
    const message = `"${id}" is both a connector and ${kind === 'exporter' ? 'an exporter' : 'a receiver'}`;
    problems.error({
      code: 'AMBIGUOUS_ID',
      origin: key,
      path,
      message,
      remedy: `rename the connector, for example to "${id}/connector"`,
    });
  }
}

/** Every use needs a use at the other end whose signal the connector can make, or take. */
function checkEnds(connector: ComponentEntry, sources: Use[], targets: Use[], problems: Problems): Edge[] {
  const edges = sources.flatMap((from) =>
    targets
      .filter((to) => supports(connector.found?.definition, from, to))
      .map((to) => ({ connector: connector.id, from, to })),
  );
  // Where a definition or a signal is unknown, that has been reported, and nothing can be said about ends.
  if (connector.found === undefined) return [];
  for (const source of sources) {
    if (source.pipeline.signal === undefined || edges.some((edge) => edge.from === source)) continue;
    reportLooseEnd(connector, source, targets, { role: 'exporter', other: 'receivers' }, problems);
  }
  for (const target of targets) {
    if (target.pipeline.signal === undefined || edges.some((edge) => edge.to === target)) continue;
    reportLooseEnd(connector, target, sources, { role: 'receiver', other: 'exporters' }, problems);
  }
  return edges;
}

function routesOf(definition: Definition | undefined): readonly { readonly from: string; readonly to: string }[] {
  return definition?.kind === 'connector' ? definition.routes : [];
}

function supports(definition: Definition | undefined, from: Use, to: Use): boolean {
  return routesOf(definition).some((route) => route.from === from.pipeline.signal && route.to === to.pipeline.signal);
}

function reportLooseEnd(
  connector: ComponentEntry,
  { pipeline, reference }: Use,
  others: readonly Use[],
  { role, other }: { role: 'exporter' | 'receiver'; other: string },
  problems: Problems,
): void {
  const { signal } = pipeline;
  const routes = routesOf(connector.found?.definition);
  const possible = routes
    .filter((route) => (role === 'exporter' ? route.from : route.to) === signal)
    .map((route) => (role === 'exporter' ? route.to : route.from));
  const { origin, path } = reference;
  if (possible.length === 0) {
    const message = `the connector "${connector.id}" cannot ${role === 'exporter' ? 'take' : 'make'} ${signal}`;
    const remedy = `it goes from ${routes.map((route) => `${route.from} to ${route.to}`).join(', ')}`;
    problems.error({ code: 'UNSUPPORTED_SIGNAL', origin, path, message, remedy });
    return;
  }
  const what =
    others.length === 0
      ? `no pipeline has it in its ${other}`
      : `no pipeline for ${possible.join(' or ')} has it in its ${other}`;
  const message = `the connector "${connector.id}" is only the ${role} here: ${what}`;
  const remedy = `add it to the ${other} of a pipeline for ${possible.join(' or ')}`;
  problems.error({ code: 'LOOSE_CONNECTOR', origin, path, message, remedy });
}

/** Reports each circle once, at the reference that closes it. */
function checkCycles(pipelines: readonly PipelineEntry[], edges: readonly Edge[], problems: Problems): void {
  const state = new Map<PipelineEntry, 'open' | 'done'>();
  const trail: Edge[] = [];
  const visit = (pipeline: PipelineEntry): void => {
    state.set(pipeline, 'open');
    for (const edge of edges) {
      if (edge.from.pipeline !== pipeline) continue;
      trail.push(edge);
      const next = edge.to.pipeline;
      if (state.get(next) === 'open') reportCycle(trail, next, problems);
      else if (state.get(next) === undefined) visit(next);
      trail.pop();
    }
    state.set(pipeline, 'done');
  };
  for (const pipeline of pipelines) if (state.get(pipeline) === undefined) visit(pipeline);
}

function reportCycle(trail: readonly Edge[], start: PipelineEntry, problems: Problems): void {
  const circle = trail.slice(trail.findIndex((edge) => edge.from.pipeline === start));
  const steps = circle.map((edge) => `${edge.from.pipeline.id} -> ${edge.connector}`);
  const { origin, path } = circle[circle.length - 1].from.reference;
  const message = `data goes in a circle: ${steps.join(' -> ')} -> ${start.id}`;
  problems.error({
    code: 'CONNECTOR_CYCLE',
    origin,
    path,
    message,
    remedy: 'take the connector out of one of these pipelines',
  });
}
