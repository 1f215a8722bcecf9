import { SIGNALS, type Signal } from '@millrace/api';
import { parseComponentId } from './component-id.ts';
import type { ComponentReference } from './decode-context.ts';
import { didYouMeanOf } from './nearest.ts';
import type { ConfigNode, Path } from './node.ts';
import type { Problems } from './problems.ts';
import type { Priority } from './resolved-config.ts';
import type { Origin } from './source.ts';

export type Role = 'receivers' | 'processors' | 'exporters';

export const ROLES: readonly Role[] = ['receivers', 'processors', 'exporters'];

/** A pipeline as written, with the places of its references. */
export interface PipelineEntry {
  readonly id: string;
  /** Undefined where the id does not name one, which has been reported. */
  readonly signal: Signal | undefined;
  readonly key: Origin;
  readonly path: Path;
  readonly priority: Priority;
  readonly receivers: readonly ComponentReference[];
  readonly processors: readonly ComponentReference[];
  readonly exporters: readonly ComponentReference[];
  /** Roles in which an entry could not be read: a list that seems empty may not be. */
  readonly unreadable: boolean;
}

/** Puts the references that decoding left behind with the pipelines that they stand in. */
export function readPipelines(
  node: ConfigNode | undefined,
  priorities: Readonly<Record<string, { readonly priority?: Priority } | undefined>>,
  references: readonly ComponentReference[],
  problems: Problems,
): PipelineEntry[] {
  if (node?.kind !== 'map') return [];
  return [...node.entries].map(([id, entry]) => {
    const path = ['service', 'pipelines', id];
    const own = references.filter(
      (found) => found.path[0] === 'service' && found.path[1] === 'pipelines' && found.path[2] === id,
    );
    const role = (name: Role): ComponentReference[] => own.filter((found) => found.path[3] === name);
    return {
      id,
      signal: signalOf(id, entry.key, path, problems),
      key: entry.key,
      path,
      priority: priorities[id]?.priority ?? 'normal',
      receivers: role('receivers'),
      processors: role('processors'),
      exporters: role('exporters'),
      unreadable:
        hasUnknownKey(entry.value) || ROLES.some((name) => role(name).length < writtenCount(entry.value, name)),
    };
  });
}

/** A key that is not known may have been meant to be one of the lists. */
function hasUnknownKey(node: ConfigNode): boolean {
  return (
    node.kind === 'map' && node.entries.keys().some((key) => key !== 'priority' && !ROLES.some((role) => role === key))
  );
}

function writtenCount(node: ConfigNode, role: Role): number {
  const list = node.kind === 'map' ? node.entries.get(role)?.value : node;
  if (list === undefined) return 0;
  if (list.kind === 'list') return list.items.length;
  // Anything but a list that was read: something was written, and reported.
  return list.kind === 'scalar' && (list.value === null || list.value === '') ? 0 : 1;
}

function signalOf(id: string, origin: Origin, path: Path, problems: Problems): Signal | undefined {
  const parsed = parseComponentId(id);
  if ('fault' in parsed) {
    problems.error({
      code: 'MALFORMED_ID',
      origin,
      path,
      message: parsed.fault,
      remedy: 'write signal or signal/name',
    });
    return undefined;
  }
  const signal = SIGNALS.find((known) => known === parsed.type);
  if (signal === undefined) {
    const message = `the pipeline "${id}" is for the unknown signal "${parsed.type}"`;
    problems.error({
      code: 'UNKNOWN_SIGNAL',
      origin,
      path,
      message,
      remedy: didYouMeanOf(parsed.type, SIGNALS, 'signals'),
    });
  }
  return signal;
}
