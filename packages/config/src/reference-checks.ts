import type { Definition, Kind } from '@millrace/api';
import { withArticle } from './article.ts';
import { sectionOf, SECTIONS, type ComponentEntries } from './component-entries.ts';
import type { ComponentReference } from './decode-context.ts';
import { didYouMean } from './nearest.ts';
import type { PipelineEntry } from './pipeline-entries.ts';
import type { Problems } from './problems.ts';

/** Kinds that can stand where a reference of a kind does: connectors end one pipeline and start another. */
function kindsFor(reference: ComponentReference): readonly Kind[] {
  const inPipeline = reference.path[0] === 'service' && reference.path[1] === 'pipelines';
  if (reference.kind === 'storage') return ['extension'];
  if (reference.kind === 'dead_letter') return ['exporter'];
  const kind = reference.kind as Kind;
  return inPipeline && kind !== 'processor' ? [kind, 'connector'] : [kind];
}

/** Reports references to components that are not defined, and uses of extensions that are not started. */
export function checkReferences(
  references: readonly ComponentReference[],
  entries: ComponentEntries,
  pipelines: readonly PipelineEntry[],
  problems: Problems,
): void {
  const started = new Set(
    references.filter(({ path }) => path[0] === 'service' && path[1] === 'extensions').map(({ id }) => id),
  );
  for (const reference of references) {
    if (reference.kind === 'pipeline') checkPipelineReference(reference, pipelines, problems);
    else if (!kindsFor(reference).some((kind) => entries[kind]?.has(reference.id)))
      undefinedComponent(reference, entries, problems);
    else if (reference.kind === 'storage' && storesNothing(reference, entries)) noStorage(reference, problems);
    else if (kindsFor(reference).includes('extension') && !started.has(reference.id)) notStarted(reference, problems);
  }
}

function checkPipelineReference(
  { id, origin, path }: ComponentReference,
  pipelines: readonly PipelineEntry[],
  problems: Problems,
): void {
  if (pipelines.some((pipeline) => pipeline.id === id)) return;
  const remedy =
    didYouMean(
      id,
      pipelines.map((pipeline) => pipeline.id),
    ) ?? 'add it to service.pipelines';
  problems.error({ code: 'UNDEFINED_PIPELINE', origin, path, message: `there is no pipeline "${id}"`, remedy });
}

function undefinedComponent(reference: ComponentReference, entries: ComponentEntries, problems: Problems): void {
  const { id, origin, path } = reference;
  const kinds = kindsFor(reference);
  const kind = reference.kind === 'storage' || reference.kind === 'dead_letter' ? kinds[0] : reference.kind;
  const elsewhere = Object.values(SECTIONS).find((other) => entries[other].has(id));
  const names = kinds.flatMap((possible) => [...(entries[possible]?.keys() ?? [])]);
  const message =
    elsewhere === undefined
      ? `the ${kind} "${id}" is not defined`
      : `"${id}" is defined as ${withArticle(elsewhere)}, not as ${withArticle(kind)}`;
  const remedy =
    elsewhere === undefined
      ? (didYouMean(id, names) ?? howToDefine(reference, kinds[0]))
      : `name it in the ${sectionOf(elsewhere)} of the pipeline, or define ${withArticle(kind)} "${id}"`;
  problems.error({
    code: elsewhere === undefined ? 'UNDEFINED_COMPONENT' : 'WRONG_KIND',
    origin,
    path,
    message,
    remedy,
  });
}

function howToDefine({ kind, id }: ComponentReference, meant: Kind): string {
  if (kind === 'dead_letter') return `write a directory with its path, ./${id}, or define the exporter`;
  return `define it in "${sectionOf(meant)}", or remove it here`;
}

/** Whether it is known that the extension is no storage. */
function storesNothing({ id }: ComponentReference, entries: ComponentEntries): boolean {
  const definition = entries.extension.get(id)?.found?.definition as Definition<'extension'> | undefined;
  return definition !== undefined && definition.storage === undefined;
}

function noStorage({ id, origin, path }: ComponentReference, problems: Problems): void {
  const message = `the extension "${id}" is not a storage`;
  problems.error({ code: 'NOT_A_STORAGE', origin, path, message, remedy: 'name a storage, such as file_storage' });
}

function notStarted({ id, origin, path }: ComponentReference, problems: Problems): void {
  const message = `the extension "${id}" is defined, but not started`;
  problems.error({ code: 'EXTENSION_NOT_STARTED', origin, path, message, remedy: 'add it to service.extensions' });
}

/** Components that nothing refers to; the Collector leaves them out without a word. */
export function warnUnused(
  references: readonly ComponentReference[],
  entries: ComponentEntries,
  problems: Problems,
): void {
  const used = new Set(references.flatMap((reference) => kindsFor(reference).map((kind) => `${kind} ${reference.id}`)));
  for (const kind of Object.values(SECTIONS)) {
    for (const { id, key, path } of entries[kind].values()) {
      if (used.has(`${kind} ${id}`)) continue;
      const remedy =
        kind === 'extension' ? 'add it to service.extensions, or remove it' : 'add it to a pipeline, or remove it';
      problems.warn({
        code: 'UNUSED',
        origin: key,
        path,
        message: `the ${kind} "${id}" is defined, but not used`,
        remedy,
      });
    }
  }
}
