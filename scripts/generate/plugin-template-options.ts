import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPlugin, KINDS, type PluginKind } from 'create-millrace-plugin';
import { componentMarkdown, PluginRegistry } from 'millrace';
import type { Generator } from './generator.ts';

const NAME = 'name_of_the_type';

/** What the README of a new plugin says about its options, for each kind; the same as `npm run docs` writes there. */
export const pluginTemplateOptions: readonly Generator[] = (Object.keys(KINDS) as PluginKind[]).map((kind) => ({
  file: `packages/create-plugin/templates/${kind}/options.md.template`,
  async make() {
    const folder = mkdtempSync(path.join(tmpdir(), 'millrace-template-'));
    try {
      createPlugin({ kind, name: NAME, dir: folder });
      const registry = new PluginRegistry();
      await registry.load(path.join(folder, 'src/index.ts'), folder);
      const definition = (await registry.find(kind, NAME))?.definition;
      if (definition === undefined) throw new Error(`the template of the ${kind} defines no ${kind}`);
      return `${componentMarkdown(definition, 3).replaceAll(NAME, '{{type}}')}\n`;
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
}));
