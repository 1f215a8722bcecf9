import { ComponentError, messageOf } from '@millrace/api';
import type { DecodeContext } from './decode-context.ts';
import type { ConfigNode } from './node.ts';
import { isNull } from './node.ts';
import { type PluginEntry, readPluginEntry } from './plugin-entries.ts';
import type { IsolationSettings, Registry } from './resolved-config.ts';
import { reportWrongType } from './wrong-type.ts';

/** How the plugins that are isolated are, by what `plugins` calls them. */
export type Isolations = ReadonlyMap<string, IsolationSettings>;

/** Loads what the `plugins` section names, all at once. A path is relative to the file that names it. */
export async function loadPlugins(
  node: ConfigNode | undefined,
  registry: Registry,
  context: DecodeContext,
): Promise<Isolations> {
  if (node === undefined || isNull(node) || node.kind === 'invalid') return new Map();
  if (node.kind !== 'list') {
    const remedy = "write plugins: [./my-plugin.ts, '@acme/package']";
    reportWrongType(node, { path: ['plugins'], expected: 'a list', remedy }, context.problems);
    return new Map();
  }
  const entries = node.items
    .map((item, index) => readPluginEntry(item, ['plugins', index], context))
    .filter((entry) => entry !== undefined);
  await Promise.all(entries.map((entry) => loadPlugin(entry, registry, context)));
  return new Map(
    entries.flatMap(({ specifier, isolation }) => (isolation === undefined ? [] : [[specifier, isolation]])),
  );
}

async function loadPlugin(entry: PluginEntry, registry: Registry, { problems }: DecodeContext): Promise<void> {
  const { specifier, origin, path } = entry;
  const { dir } = origin.source;
  try {
    await registry.load(specifier, dir);
  } catch (error) {
    const message = `the plugin "${specifier}" cannot be loaded: ${messageOf(error)}`;
    const remedy = /^[./]/.test(specifier) ? `a path is relative to ${dir}` : 'is the package installed?';
    const own = error instanceof ComponentError ? error.remedy : undefined;
    problems.error({ code: 'PLUGIN_FAILED', origin, path, message, remedy: own ?? remedy });
  }
}
