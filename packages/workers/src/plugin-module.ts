import { statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ComponentError, messageOf } from '@millrace/api';
import type { Definition } from '@millrace/api';
import { checkDefinition, checkWholeDefinition } from './definition-check.ts';
import { noteAttempt, versionedUrl } from './plugin-files.ts';
import { importFailure } from './plugin-import-error.ts';
import { installPluginResolver, resolveFrom } from './plugin-resolver.ts';
import { valueAt } from './plugin-values.ts';

export interface PluginModule {
  /** What workers import. */
  readonly url: string;
  readonly definitions: readonly Definition[];
}

/**
 * Imports a plugin named by a path (absolute, `file:` or relative to `baseDir`) or by a package that is installed where
 * `baseDir` can see it. One of whose files has changed is imported anew, under another URL. @throws {ComponentError} that says what is wrong with it.
 */
export async function loadPluginModule(specifier: string, baseDir: string): Promise<PluginModule> {
  const module = locatePlugin(specifier, baseDir);
  const url = versionedUrl(module);
  try {
    const definitions = await importDefinitions(url, specifier);
    for (const each of definitions) checkWholeDefinition(each, specifier);
    return { url, definitions };
  } finally {
    noteAttempt(module, { name: specifier, url });
  }
}

/** URL of the module that a plugin's name or path stands for. @throws {ComponentError} where there is none. */
export function locatePlugin(specifier: string, baseDir: string): string {
  installPluginResolver();
  return isPath(specifier) ? fileUrl(specifier, baseDir) : packageUrl(specifier, baseDir);
}

/** Imports the plugin at `url` and checks its default export. `name` is what messages call it. */
export async function importDefinitions(url: string, name: string = url): Promise<readonly Definition[]> {
  const value = valueAt(url);
  if (value !== undefined) return [value];
  let module: { readonly default?: unknown };
  try {
    module = (await import(/* @vite-ignore */ url)) as { readonly default?: unknown };
  } catch (error) {
    throw importFailure(error, url, name);
  }
  const exported = module.default;
  const list: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  if (exported === undefined || list.length === 0) {
    throw new ComponentError(`plugin ${name} has no default export`, {
      code: 'PLUGIN_EXPORTS_NOTHING',
      remedy: 'export a definition: export default defineProcessor({ ... }), or a list of definitions',
    });
  }
  for (const each of list)
    checkDefinition(each, { what: `the default export of plugin ${name}`, plugin: `plugin ${name}` });
  return list as readonly Definition[];
}

function isPath(specifier: string): boolean {
  return /^\.{1,2}(?:[\\/]|$)/.test(specifier) || specifier.startsWith('file:') || isAbsolute(specifier);
}

function fileUrl(specifier: string, baseDir: string): string {
  const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(baseDir, specifier);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return pathToFileURL(path).href;
  throw new ComponentError(
    stats === undefined ? `plugin file ${path} does not exist` : `plugin ${path} is not a file`,
    {
      code: 'PLUGIN_NOT_FOUND',
      remedy:
        stats === undefined ? 'paths are relative to the configuration file' : 'name the plugin’s .ts or .js file',
    },
  );
}

function packageUrl(specifier: string, baseDir: string): string {
  try {
    // A file name is needed to resolve from; it need not exist.
    return resolveFrom(specifier, pathToFileURL(join(resolve(baseDir), 'config.yaml')).href);
  } catch (error) {
    throw new ComponentError(`plugin package ${specifier} cannot be found from ${baseDir}: ${messageOf(error)}`, {
      code: 'PLUGIN_NOT_FOUND',
      remedy: `install it there (npm install ${specifier}), or give the path of a file (./${specifier}.ts)`,
      cause: error,
    });
  }
}
