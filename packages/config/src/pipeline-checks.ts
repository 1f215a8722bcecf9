import type { Kind } from '@millrace/api';
import { signalsOf, type ComponentEntries } from './component-entries.ts';
import type { ComponentReference } from './decode-context.ts';
import { ROLES, type PipelineEntry, type Role } from './pipeline-entries.ts';
import type { Problems } from './problems.ts';
import type { ResolvedPipeline } from './resolved-config.ts';
import { locationOf } from './source.ts';

const KIND_OF_ROLE: Readonly<Record<Role, Kind>> = {
  receivers: 'receiver',
  processors: 'processor',
  exporters: 'exporter',
};

/** Checks what one pipeline can show by itself. */
export function checkPipelines(
  pipelines: readonly PipelineEntry[],
  entries: ComponentEntries,
  problems: Problems,
): void {
  const byId = new Map<string, PipelineEntry>();
  for (const pipeline of pipelines) {
    const normal = pipeline.id.replace(/\s*\/\s*/, '/');
    if (byId.has(normal)) {
      const message = `the pipeline "${normal}" is defined twice`;
      problems.error({
        code: 'DUPLICATE_ID',
        origin: pipeline.key,
        path: pipeline.path,
        message,
        remedy: 'give one of them another name',
      });
    }
    byId.set(normal, pipeline);
    checkEnds(pipeline, problems);
    for (const role of ROLES) {
      checkDuplicates(pipeline, role, problems);
      for (const reference of pipeline[role]) checkSignal(pipeline, role, reference, entries, problems);
    }
  }
}

function checkEnds(pipeline: PipelineEntry, problems: Problems): void {
  if (pipeline.unreadable) return;
  for (const role of ['receivers', 'exporters'] as const) {
    if (pipeline[role].length > 0) continue;
    const message = `the pipeline "${pipeline.id}" has no ${role}`;
    const remedy =
      role === 'receivers' ? 'name at least one: receivers: [otlp]' : 'name at least one: exporters: [otlp]';
    problems.error({ code: 'EMPTY_PIPELINE', origin: pipeline.key, path: [...pipeline.path, role], message, remedy });
  }
}

/** A processor that is named twice would be ambiguous; other repetitions change nothing, and the Collector takes them. */
function checkDuplicates(pipeline: PipelineEntry, role: Role, problems: Problems): void {
  const seen = new Set<string>();
  for (const { id, origin, path } of pipeline[role]) {
    const message = `"${id}" is named more than once`;
    if (seen.has(id) && role === 'processors') {
      const remedy = `define a second one, such as "${id.split('/')[0]}/second"`;
      problems.error({ code: 'DUPLICATE_REFERENCE', origin, path, message, remedy });
    } else if (seen.has(id)) {
      problems.warn({ code: 'DUPLICATE_REFERENCE', origin, path, message, remedy: 'name it once' });
    }
    seen.add(id);
  }
}

function checkSignal(
  { signal }: PipelineEntry,
  role: Role,
  { id, origin, path }: ComponentReference,
  entries: ComponentEntries,
  problems: Problems,
): void {
  const definition = entries[KIND_OF_ROLE[role]].get(id)?.found?.definition;
  const signals = definition === undefined ? undefined : signalsOf(definition);
  if (signal === undefined || signals === undefined || signals.includes(signal)) return;
  const message = `the ${KIND_OF_ROLE[role]} "${id}" does not handle ${signal}`;
  const remedy = `it handles ${signals.join(', ')}: move it to such a pipeline`;
  problems.error({ code: 'UNSUPPORTED_SIGNAL', origin, path, message, remedy });
}

/** Pipelines as the engine takes them; for a configuration without faults. */
export function resolvePipelines(pipelines: readonly PipelineEntry[]): Map<string, ResolvedPipeline> {
  const resolved = new Map<string, ResolvedPipeline>();
  for (const { id: written, signal, receivers, processors, exporters, priority, key } of pipelines) {
    if (signal === undefined) continue;
    const id = written.replace(/\s*\/\s*/, '/');
    resolved.set(id, {
      id,
      signal,
      receivers: idsOf(receivers),
      processors: idsOf(processors),
      exporters: idsOf(exporters),
      priority,
      location: locationOf(key),
    });
  }
  return resolved;
}

/** Each id once, in the order of the file. */
export function idsOf(references: readonly ComponentReference[]): string[] {
  return [...new Set(references.map(({ id }) => id))];
}
