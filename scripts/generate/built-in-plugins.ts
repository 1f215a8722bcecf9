import { glob } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Generator } from './generator.ts';

interface Entry {
  readonly kind: string;
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly module: string;
}

/** The list of components that plugins/ holds, so that the command line knows them without importing any. */
export const builtInPlugins: Generator = {
  file: 'packages/millrace/src/generated/built-in-plugins.ts',
  async make(root) {
    const entries = await allEntries(root);
    return `// Made by \`npm run generate\` from the plugins folder.
import type { Kind } from '@millrace/api';

interface BuiltInPlugin {
  readonly kind: Kind;
  readonly type: string;
  readonly aliases: readonly string[];
  /** Package name. */
  readonly module: string;
}

export const BUILT_IN_PLUGINS: readonly BuiltInPlugin[] = ${JSON.stringify(entries)};
`;
  },
};

/** The types that a plugin cannot have, by kind, for those who make new ones. */
export const takenTypes: Generator = {
  file: 'packages/create-plugin/templates/taken-types.json',
  async make(root) {
    const names = Object.groupBy(await allEntries(root), ({ kind }) => kind);
    const types = (entries: readonly Entry[] = []) => entries.flatMap(({ type, aliases = [] }) => [type, ...aliases]);
    return JSON.stringify(Object.fromEntries(Object.entries(names).map(([kind, entries]) => [kind, types(entries)])));
  },
};

async function allEntries(root: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const folder of glob('plugins/*', { cwd: root })) entries.push(...(await entriesOf(root, folder)));
  return entries.sort((a, b) => `${a.kind}/${a.type}`.localeCompare(`${b.kind}/${b.type}`));
}

async function entriesOf(root: string, folder: string): Promise<Entry[]> {
  const main = pathToFileURL(path.join(root, folder, 'src/index.ts')).href;
  const { default: exported } = (await import(main)) as { default?: Entry | readonly Entry[] };
  const definitions = exported === undefined ? [] : [exported].flat();
  const module = `@millrace/${path.basename(folder)}`;
  return definitions.map(({ kind, type, aliases = [] }) => ({ kind, type, aliases, module }));
}
