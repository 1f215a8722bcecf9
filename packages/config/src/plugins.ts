import { messageOf } from '@millrace/api';
import { describeNode } from './describe.ts';
import type { ConfigNode } from './node.ts';
import { isNull } from './node.ts';
import type { Problems } from './problems.ts';
import type { Registry } from './resolved-config.ts';

/** Loads what the `plugins` section names, all at once. A path is relative to the file that names it. */
export async function loadPlugins(node: ConfigNode | undefined, registry: Registry, problems: Problems): Promise<void> {
  if (node === undefined || isNull(node) || node.kind === 'invalid') return;
  if (node.kind !== 'list') {
    const message = `must be a list, got ${describeNode(node)}`;
    const remedy = "write plugins: [./my-plugin.ts, '@acme/package']";
    problems.error({ code: 'WRONG_TYPE', origin: node.origin, path: ['plugins'], message, remedy });
    return;
  }
  await Promise.all(node.items.map((item, index) => loadPlugin(item, index, registry, problems)));
}

async function loadPlugin(item: ConfigNode, index: number, registry: Registry, problems: Problems): Promise<void> {
  if (item.kind === 'invalid') return;
  const path = ['plugins', index];
  if (item.kind !== 'scalar' || item.text === '') {
    const message = `must be a path or the name of a package, got ${describeNode(item)}`;
    const remedy = 'write ./my-plugin.ts or @acme/package';
    problems.error({ code: 'WRONG_TYPE', origin: item.origin, path, message, remedy });
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
