import { ConfigErrors } from './config-errors.ts';
import { ConstraintChecker } from './constraints.ts';
import { TreeLoader, type SourceSettings } from './load-tree.ts';
import type { ConfigNode } from './node.ts';
import { fromPlain } from './node.ts';
import { Problems, type ConfigProblem } from './problems.ts';
import { resolveConfig } from './resolve.ts';
import type { Registry, ResolvedConfig } from './resolved-config.ts';

export interface LoadSettings extends SourceSettings {
  readonly registry: Registry;
}

/** A configuration that can run. */
export interface LoadedConfig {
  readonly config: ResolvedConfig;
  /** Things to look at: unused components, variables that are not set, keys without effect. By position. */
  readonly warnings: readonly ConfigProblem[];
  /** Values of settings that are secrets, for loggers to leave out. */
  readonly secrets: ReadonlySet<string>;
}

/**
 * Loads a configuration from URIs (`file:`, `env:`, `yaml:`, `http:`, `https:`) or paths, merged in their order.
 * Throws {@link ConfigErrors} with everything that is wrong.
 */
export async function loadConfig(sources: readonly string[], settings: LoadSettings): Promise<LoadedConfig> {
  const problems = new Problems();
  const loader = new TreeLoader(settings, problems);
  if (sources.length === 0) {
    const source = loader.newSource({ label: '--config', text: undefined, dir: '.' });
    const remedy = 'name a file: --config pipeline.yaml';
    problems.error({ code: 'NO_SOURCES', origin: { source, offset: 0 }, message: 'no configuration is given', remedy });
  }
  return finish(loader.load(sources, settings.sets ?? []), settings, problems);
}

/** The same for a value that a program has made; references in its strings are replaced as in a file. */
export async function loadConfigObject(value: object, settings: LoadSettings): Promise<LoadedConfig> {
  const problems = new Problems();
  const loader = new TreeLoader(settings, problems);
  const dir = settings.cwd ?? process.cwd();
  const root = fromPlain(value, { source: loader.newSource({ label: 'config', text: undefined, dir }), offset: 0 });
  return finish(loader.loadNode(root, settings.sets ?? []), settings, problems);
}

async function finish(
  tree: Promise<ConfigNode | undefined>,
  { registry }: LoadSettings,
  problems: Problems,
): Promise<LoadedConfig> {
  // Importing Ajv takes a while: it begins here, beside the reading of files.
  const [root] = await Promise.all([tree, ConstraintChecker.load()]);
  const resolution = root === undefined ? undefined : await resolveConfig(root, registry, problems);
  const warnings = problems.list('warning');
  if (resolution?.config === undefined || problems.errorCount > 0)
    throw new ConfigErrors(problems.list('error'), warnings);
  return { config: resolution.config, warnings, secrets: resolution.secrets };
}
