import { fileURLToPath } from 'node:url';
import { withoutVersion } from './plugin-files.ts';

/** `file:line:column` of the first place in an error's stack that is in the plugin: its module, or a file beside or below it. */
export function frameIn(error: unknown, module: string): string | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  if (stack === undefined || !module.startsWith('file:')) return undefined;
  const folder = new URL('.', withoutVersion(module)[0]).href;
  for (const [, url, line, column] of stack.matchAll(/(file:\/\/\/[^\s()?]+)(?:\?[^\s():]*)?:(\d+):(\d+)/g)) {
    if (url.startsWith(folder) && !url.slice(folder.length).includes('node_modules/')) {
      return `${fileURLToPath(url)}:${line}:${column}`;
    }
  }
  return undefined;
}
