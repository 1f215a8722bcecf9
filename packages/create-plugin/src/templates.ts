import { readFileSync } from 'node:fs';
import packageJson from '../package.json' with { type: 'json' };
import type { PluginKind } from './plugin-kind.ts';
import type { PluginName } from './plugin-name.ts';

const TEMPLATES = new URL('../templates/', import.meta.url);

/** The files of a plugin, and the templates that they are made of; `*` is the kind. */
const FILES = [
  ['package.json', 'package.json'],
  ['README.md', 'README.md'],
  ['pipeline.yaml', '*/pipeline.yaml'],
  ['src/index.ts', '*/index.ts'],
  ['src/index.test.ts', '*/index.test.ts'],
] as const;

/** Text of each file, by its path in the plugin's folder. */
export function filesOf(kind: PluginKind, { packageName, type }: PluginName): ReadonlyMap<string, string> {
  const read = (name: string) => readFileSync(new URL(`${name.replace('*', kind)}.template`, TEMPLATES), 'utf8');
  const values: Readonly<Record<string, string>> = {
    kind,
    type,
    name: packageName,
    version: packageJson.version,
    summary: read('*/summary.txt').trim(),
    options: read('*/options.md').trim(),
  };
  const fill = (text: string): string =>
    text.replaceAll(/\{\{(\w+)\}\}/g, (_match, key: string) => {
      const value = values[key];
      if (value === undefined) throw new Error(`a template asks for "${key}", which nobody gives`);
      return fill(value);
    });
  return new Map(FILES.map(([file, template]) => [file, fill(read(template))]));
}
