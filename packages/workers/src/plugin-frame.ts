import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { knownPlugins, withoutVersion } from './plugin-files.ts';

/** A place in a stack: a file, as a URL or as a path, with its line and column. */
const FRAME = /(file:\/\/\/[^\s()?]+?|\/[^\s():?]+)(?:\?[^\s():]*)?:(\d+):(\d+)/g;

/** `file:line:column` of the first place in an error's stack that is in the plugin: its module, or a file beside or below it. */
export function frameIn(error: unknown, module: string): string | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  if (stack === undefined || !module.startsWith('file:')) return undefined;
  const folder = dirname(fileURLToPath(withoutVersion(module)[0])) + sep;
  for (const [, place, line, column] of stack.matchAll(FRAME)) {
    const file = place.startsWith('file:') ? fileURLToPath(place) : place;
    if (file.startsWith(folder) && !file.slice(folder.length).includes(`node_modules${sep}`)) {
      return `${file}:${line}:${column}`;
    }
  }
  return undefined;
}

/** The plugin that an error comes from, going by its stack, and the place in it. For errors that nobody has caught. */
export function pluginBehind(error: unknown): { readonly plugin: string; readonly at: string } | undefined {
  const found = knownPlugins().flatMap(({ name, module }) => {
    const at = frameIn(error, module);
    return at === undefined ? [] : [{ plugin: name, at, module }];
  });
  // Plugins may lie in one folder.
  const own = found.find(({ at, module }) => at.startsWith(`${fileURLToPath(module)}:`)) ?? found[0];
  return own && { plugin: own.plugin, at: own.at };
}
