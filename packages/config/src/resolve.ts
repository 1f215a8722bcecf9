import { findComponents, SECTION_NAMES, SECTIONS, type ComponentEntries } from './component-entries.ts';
import { checkConnectors } from './connector-checks.ts';
import { ConstraintChecker } from './constraints.ts';
import { decodeComponent } from './decode-component.ts';
import type { DecodeContext } from './decode-context.ts';
import { describeNode } from './describe.ts';
import { checkIsolation } from './isolation-checks.ts';
import type { ConfigNode, MapEntry, MapNode } from './node.ts';
import { isNull } from './node.ts';
import { checkPipelines, idsOf, resolvePipelines } from './pipeline-checks.ts';
import { readPipelines } from './pipeline-entries.ts';
import { type Isolations, loadPlugins } from './plugins.ts';
import type { Problems } from './problems.ts';
import { checkReferences, warnUnused } from './reference-checks.ts';
import { hideSensitive } from './redact.ts';
import type { Registry, ResolvedComponent, ResolvedConfig } from './resolved-config.ts';
import { collectUrlSecrets } from './secrets.ts';
import { checkSection } from './section-check.ts';
import { decodeService, type Service } from './service.ts';

/** What resolving finds, besides problems. */
export interface Resolution {
  /** Undefined when there are errors. */
  readonly config: ResolvedConfig | undefined;
  readonly secrets: ReadonlySet<string>;
}

/** Checks a whole configuration and decodes it. Everything that is wrong is in `problems` afterwards. */
export async function resolveConfig(root: ConfigNode, registry: Registry, problems: Problems): Promise<Resolution> {
  const secrets = new Set<string>();
  if (root.kind !== 'map') {
    if (root.kind !== 'invalid') reportNoMap(root, problems);
    return { config: undefined, secrets };
  }
  hideSensitive(root);
  checkSections(root, problems);
  const context: DecodeContext = { problems, constraints: await ConstraintChecker.load(), references: [], secrets };
  const isolations = await loadPlugins(root.entries.get('plugins')?.value, registry, context);
  const entries = await findComponents(root.entries, registry, problems);
  checkIsolation(entries, isolations, problems);
  const components = decodeAll(entries, isolations, context);
  const service = decodeService(root.entries.get('service'), root.origin, context);
  const pipelines = checkGraph(root.entries.get('service'), service, entries, context);
  if (problems.errorCount > 0 || service.settings === undefined) return { config: undefined, secrets };
  const extensions = idsOf(context.references.filter(({ path }) => path[0] === 'service' && path[1] === 'extensions'));
  for (const section of Object.values(components)) {
    for (const { config } of section.values()) collectUrlSecrets(config, secrets);
  }
  return { config: { ...components, pipelines, service: { ...service.settings, extensions } }, secrets };
}

function reportNoMap(root: ConfigNode, problems: Problems): void {
  const message = isNull(root)
    ? 'the configuration is empty'
    : `a configuration must be a map, got ${describeNode(root)}`;
  const remedy = 'write the sections receivers, exporters and service';
  problems.error({ code: isNull(root) ? 'EMPTY_CONFIG' : 'WRONG_TYPE', origin: root.origin, message, remedy });
}

function checkSections(root: MapNode, problems: Problems): void {
  for (const [key, entry] of root.entries) checkSection(key, entry.key, problems);
}

type Components = Pick<ResolvedConfig, 'receivers' | 'processors' | 'exporters' | 'connectors' | 'extensions'>;

function decodeAll(entries: ComponentEntries, isolations: Isolations, context: DecodeContext): Components {
  const sections = SECTION_NAMES.map((section) => {
    const components = new Map<string, ResolvedComponent>();
    for (const entry of entries[SECTIONS[section]].values()) {
      const component = decodeComponent(entry, isolations, context);
      if (component !== undefined) components.set(entry.id, component);
    }
    return [section, components] as const;
  });
  return Object.fromEntries(sections) as unknown as Components;
}

/** Checks how components are put together; returns the pipelines. */
function checkGraph(
  entry: MapEntry | undefined,
  service: Service,
  entries: ComponentEntries,
  context: DecodeContext,
): ResolvedConfig['pipelines'] {
  const { references, problems } = context;
  const node = entry?.value.kind === 'map' ? entry.value.entries.get('pipelines') : undefined;
  const pipelines = readPipelines(node?.value, service.config?.pipelines ?? {}, references, problems);
  const nothing = node === undefined || isNull(node.value) || (node.value.kind === 'map' && pipelines.length === 0);
  if (service.config !== undefined && nothing) {
    const remedy = 'add one, such as logs: { receivers: [otlp], exporters: [otlp] }';
    problems.error({
      code: 'NO_PIPELINES',
      origin: node?.key ?? service.origin,
      path: ['service', 'pipelines'],
      message: 'there are no pipelines',
      remedy,
    });
  }
  checkReferences(references, entries, pipelines, problems);
  checkPipelines(pipelines, entries, problems);
  checkConnectors(pipelines, entries, problems);
  if (service.config !== undefined) warnUnused(references, entries, problems);
  return resolvePipelines(pipelines);
}
