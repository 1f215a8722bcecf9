import type { Definition, Kind } from '@millrace/api';
import { messageOf } from '@millrace/api';
import { withArticle } from './article.ts';
import { parseComponentId } from './component-id.ts';
import { didYouMean, didYouMeanOf } from './nearest.ts';
import type { ConfigNode, MapEntry, Path } from './node.ts';
import { isNull } from './node.ts';
import type { Problems } from './problems.ts';
import type { Registry, RegistryEntry } from './resolved-config.ts';
import type { Origin } from './source.ts';
import { reportWrongType } from './wrong-type.ts';

/** Top-level sections and the kind of component that each holds, in the order of messages and prints. */
export const SECTIONS: Readonly<Record<Section, Kind>> = {
  receivers: 'receiver',
  processors: 'processor',
  exporters: 'exporter',
  connectors: 'connector',
  extensions: 'extension',
};

export type Section = 'receivers' | 'processors' | 'exporters' | 'connectors' | 'extensions';

export const SECTION_NAMES = Object.keys(SECTIONS) as readonly Section[];

/** The section that holds components of a kind. */
export function sectionOf(kind: Kind): Section {
  return `${kind}s`;
}

/** One component as written, and what it turned out to be. */
export interface ComponentEntry {
  readonly kind: Kind;
  readonly id: string;
  readonly type: string;
  readonly key: Origin;
  readonly node: ConfigNode;
  readonly path: Path;
  /** Undefined where the type is unknown, which has been reported. */
  readonly found: RegistryEntry | undefined;
}

/** By kind, then by id. Components whose id is malformed are not in it. */
export type ComponentEntries = Readonly<Record<Kind, ReadonlyMap<string, ComponentEntry>>>;

type Draft = Omit<ComponentEntry, 'found'>;

/** Reads the sections of a configuration and finds the definition of every component; all imports run together. */
export async function findComponents(
  root: ReadonlyMap<string, MapEntry>,
  registry: Registry,
  problems: Problems,
): Promise<ComponentEntries> {
  const drafts = SECTION_NAMES.map((section) => readSection(section, root.get(section)?.value, problems));
  const entries = await Promise.all(
    drafts
      .flat()
      .map(async (draft): Promise<ComponentEntry> => ({ ...draft, found: await find(draft, registry, problems) })),
  );
  const result = Object.fromEntries(Object.values(SECTIONS).map((kind) => [kind, new Map<string, ComponentEntry>()]));
  for (const entry of entries) result[entry.kind].set(entry.id, entry);
  return result as Record<Kind, Map<string, ComponentEntry>>;
}

function readSection(section: Section, node: ConfigNode | undefined, problems: Problems): Draft[] {
  if (node === undefined || node.kind === 'invalid' || isNull(node)) return [];
  if (node.kind !== 'map') {
    const remedy = 'write "type:" or "type/name:" lines below it';
    reportWrongType(node, { path: [section], expected: 'a map of ids', remedy }, problems);
    return [];
  }
  const drafts = new Map<string, Draft>();
  for (const [written, entry] of node.entries) {
    const path = [section, written];
    const parsed = parseComponentId(written);
    if ('fault' in parsed) {
      problems.error({
        code: 'MALFORMED_ID',
        origin: entry.key,
        path,
        message: parsed.fault,
        remedy: 'write type or type/name',
      });
    } else if (drafts.has(parsed.id)) {
      const message = `"${parsed.id}" is defined twice`;
      problems.error({
        code: 'DUPLICATE_ID',
        origin: entry.key,
        path,
        message,
        remedy: 'give one of them another name',
      });
    } else {
      const { id, type } = parsed;
      drafts.set(id, { kind: SECTIONS[section], id, type, key: entry.key, node: entry.value, path });
    }
  }
  return [...drafts.values()];
}

async function find(
  { kind, type, key, path }: Draft,
  registry: Registry,
  problems: Problems,
): Promise<RegistryEntry | undefined> {
  try {
    const found = await registry.find(kind, type);
    if (found === undefined) reportUnknownType({ kind, type, key, path }, registry, problems);
    return found;
  } catch (error) {
    const message = `the plugin of the ${kind} "${type}" cannot be loaded: ${messageOf(error)}`;
    problems.error({ code: 'PLUGIN_FAILED', origin: key, path, message, remedy: 'see the cause' });
    return undefined;
  }
}

function reportUnknownType(
  { kind, type, key, path }: Pick<Draft, 'kind' | 'type' | 'key' | 'path'>,
  registry: Registry,
  problems: Problems,
): void {
  const known = registry.types(kind);
  const elsewhere = SECTION_NAMES.find((section) => registry.types(SECTIONS[section]).includes(type));
  const near = didYouMean(type, known);
  // Most likely one of a plugin that could not be loaded, which is reported already.
  if (near === undefined && elsewhere === undefined && problems.has('PLUGIN_FAILED')) return;
  const message = `there is no ${kind} of the type "${type}"`;
  const remedy =
    near ??
    (elsewhere === undefined
      ? `${didYouMeanOf(type, known, `known ${sectionOf(kind)}`)}; one from elsewhere needs its plugin in "plugins"`
      : `"${type}" is ${withArticle(SECTIONS[elsewhere])}: move it to "${elsewhere}"`);
  problems.error({ code: 'UNKNOWN_TYPE', origin: key, path, message, remedy });
}

/** Which signals a component says it handles; undefined where that is not stated. */
export function signalsOf(definition: Definition): readonly string[] | undefined {
  switch (definition.kind) {
    case 'receiver':
    case 'exporter':
      return definition.signals;
    case 'processor':
      return definition.stateful?.signals ?? definition.gate?.signals;
    default:
      return undefined;
  }
}
