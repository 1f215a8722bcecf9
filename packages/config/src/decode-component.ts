import { type Definition, messageOf } from '@millrace/api';
import type { ComponentEntry } from './component-entries.ts';
import { decode } from './decode.ts';
import type { DecodeContext } from './decode-context.ts';
import { isIncomplete } from './decoded.ts';
import { nullNode, originAt } from './node.ts';
import type { Isolations } from './plugins.ts';
import type { ResolvedComponent } from './resolved-config.ts';
import { locationOf } from './source.ts';

/** Decodes and checks the settings of one component. Undefined when something is wrong with them. */
export function decodeComponent(
  entry: ComponentEntry,
  isolations: Isolations,
  context: DecodeContext,
): ResolvedComponent | undefined {
  if (entry.found === undefined || entry.node.kind === 'invalid') return undefined;
  const { definition, module, plugin } = entry.found;
  const { kind, id, type, key, path } = entry;
  // The body of `batch:` is null: an empty one, which the key stands for.
  const node = entry.node.kind === 'scalar' && entry.node.value === null ? nullNode(key) : entry.node;
  if (definition.stability === 'deprecated') warnDeprecated(entry, definition, context);
  const config = decode(definition.config, node, { path, parent: key }, context);
  if (isIncomplete(config) || !checkDefinition({ ...entry, node }, config, context)) return undefined;
  const origin = plugin === undefined ? {} : { plugin: { name: plugin, isolation: isolations.get(plugin) } };
  return { kind, id, type, definition, module, ...origin, config, location: locationOf(key) };
}

function warnDeprecated(
  { kind, type, key, path }: ComponentEntry,
  { summary }: Definition,
  context: DecodeContext,
): void {
  const message = `the ${kind} "${type}" is deprecated`;
  context.problems.warn({ code: 'DEPRECATED', origin: key, path, message, remedy: summary });
}

/** What the component itself finds wrong. */
function checkDefinition(entry: ComponentEntry, config: unknown, { problems }: DecodeContext): boolean {
  const { path, node, key } = entry;
  const definition = entry.found?.definition;
  if (definition?.check === undefined) return true;
  try {
    const faults = definition.check(config);
    for (const { path: inner, message, remedy } of faults) {
      const origin = inner.length === 0 ? key : originAt(node, inner);
      problems.error({ code: 'COMPONENT_CHECK', origin, path: [...path, ...inner], message, remedy });
    }
    return faults.length === 0;
  } catch (error) {
    const message = `the check of the ${entry.kind} "${entry.type}" failed: ${messageOf(error)}`;
    problems.error({
      code: 'COMPONENT_CHECK',
      origin: key,
      path,
      message,
      remedy: 'report it to the author of the plugin',
    });
    return false;
  }
}
