import { type Static, Type } from '@millrace/api';
import { decode } from './decode.ts';
import type { DecodeContext } from './decode-context.ts';
import { isIncomplete } from './decoded.ts';
import type { ConfigNode, MapNode, Path } from './node.ts';
import type { IsolationSettings } from './resolved-config.ts';
import type { Origin } from './source.ts';
import { reportWrongType } from './wrong-type.ts';

/** One entry of `plugins`. */
export interface PluginEntry {
  /** A path (relative to the file that names it), or the name of a package. */
  readonly specifier: string;
  /** Undefined: its steps run in the pool, with everybody else's. */
  readonly isolation: IsolationSettings | undefined;
  readonly origin: Origin;
  readonly path: Path;
}

/** An entry of `plugins` that is more than a name. */
export const pluginSchema = Type.Object({
  path: Type.Optional(Type.String({ description: 'File of the plugin, relative to this one.', minLength: 1 })),
  package: Type.Optional(Type.String({ description: 'Name of an installed package.', minLength: 1 })),
  isolation: Type.Enum(['in_process', 'worker'], {
    default: 'in_process',
    description: 'Whether its steps run in the pool, or on a worker of their own.',
  }),
  heap_mb: Type.Optional(
    Type.Integer({ minimum: 16, description: "Bound of its worker's heap, in MiB. Default: service.workers.heap_mb." }),
  ),
  cpu: Type.Optional(
    Type.Number({ minimum: 0.01, maximum: 1, description: 'Share of one core that its steps may use. Default: all.' }),
  ),
  deadline: Type.Optional(
    Type.Duration({
      minimumMs: 1,
      description: 'A task of it that runs longer is ended. Default: service.workers.deadline.',
    }),
  ),
});

/** Reads one entry; undefined after what is wrong was reported. */
export function readPluginEntry(item: ConfigNode, path: Path, context: DecodeContext): PluginEntry | undefined {
  if (item.kind === 'invalid') return undefined;
  const { origin } = item;
  if (item.kind === 'scalar' && item.text !== '') return { specifier: item.text, isolation: undefined, origin, path };
  if (item.kind === 'map' && item.entries.size > 0) return readMap(item, path, context);
  const remedy = 'write ./my-plugin.ts, @acme/package, or { path: ./my-plugin.ts, isolation: worker }';
  reportWrongType(item, { path, expected: 'a path or the name of a package', remedy }, context.problems);
  return undefined;
}

function readMap(item: MapNode, path: Path, context: DecodeContext): PluginEntry | undefined {
  const { origin } = item;
  const decoded = decode(pluginSchema, item, { path, parent: origin }, context);
  if (isIncomplete(decoded)) return undefined;
  const settings = decoded as Static<typeof pluginSchema>;
  const { path: file, package: name } = settings;
  if ((file === undefined) === (name === undefined)) {
    const message = file === undefined ? 'names no plugin' : 'names both a path and a package';
    const remedy = 'write either path: ./my-plugin.ts or package: @acme/package';
    context.problems.error({ code: 'PLUGIN_UNNAMED', origin, path, message, remedy });
    return undefined;
  }
  const specifier = name ?? asPath(file ?? '');
  return { specifier, isolation: isolationOf(settings, item, path, context), origin, path };
}

/** A file's name alone would be taken for a package. */
function asPath(file: string): string {
  return /^(?:\.{0,2}[\\/]|file:|[a-zA-Z]:)/.test(file) ? file : `./${file}`;
}

function isolationOf(
  { isolation, heap_mb: heapMb, cpu, deadline: deadlineMs }: Static<typeof pluginSchema>,
  item: MapNode,
  path: Path,
  { problems }: DecodeContext,
): IsolationSettings | undefined {
  if (isolation === 'worker') return { heapMb, cpu, deadlineMs };
  for (const key of ['heap_mb', 'cpu', 'deadline']) {
    const entry = item.entries.get(key);
    if (entry === undefined) continue;
    const message = `"${key}" has no effect in the pool, which all plugins share`;
    const remedy = 'add isolation: worker, or take it out';
    problems.error({ code: 'PLUGIN_NOT_ISOLATED', origin: entry.key, path: [...path, key], message, remedy });
  }
  return undefined;
}
