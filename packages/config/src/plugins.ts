import { messageOf } from '@millrace/api';
import type { ConfigNode } from './node.ts';
import { isNull } from './node.ts';
import type { Problems } from './problems.ts';
import type { Registry } from './resolved-config.ts';
import { reportWrongType } from './wrong-type.ts';

/** Loads what the `plugins` section names, all at once. A path is relative to the file that names it. */
export async function loadPlugins(node: ConfigNode | undefined, registry: Registry, problems: Problems): Promise<void> {
  if (node === undefined || isNull(node) || node.kind === 'invalid') return;
  if (node.kind !== 'list') {
    const remedy = "write plugins: [./my-plugin.ts, '@acme/package']";
    reportWrongType(node, { path: ['plugins'], expected: 'a list', remedy }, problems);
    return;
  }
  await Promise.all(node.items.map((item, index) => loadPlugin(item, index, registry, problems)));
}

async function loadPlugin(item: ConfigNode, index: number, registry: Registry, problems: Problems): Promise<void> {
  if (item.kind === 'invalid') return;
  const path = ['plugins', index];
  if (item.kind !== 'scalar' || item.text === '') {
    const remedy = 'write ./my-plugin.ts or @acme/package';
    reportWrongType(item, { path, expected: 'a path or the name of a package', remedy }, problems);
    return;
  }
  const { dir } = item.origin.source;
  try {
    await registry.load(item.text, dir);
  } catch (error) {
    const message = `the plugin "${item.text}" cannot be loaded: ${messageOf(error)}`;
    const remedy = /^[./]/.test(item.text) ? `a path is relative to ${dir}` : 'is the package installed?';
    problems.error({ code: 'PLUGIN_FAILED', origin: item.origin, path, message, remedy });
  }
}
