import { statSync } from 'node:fs';
import path from 'node:path';
import type { ResolvedComponent, ResolvedConfig } from '@millrace/config';
import { componentsOf } from '@millrace/engine';

/** Keys of settings that name a file which is read at the start: `file`, `ca_file`, `key_file`; not those that are written to. */
const NAMES_FILE = /^(?!.*to_file$)(?:.*_)?file$/;

/** The files that components read when they start, by the keys of their settings. */
export function filesNamedIn(config: ResolvedConfig): ReadonlySet<string> {
  return new Set(componentsOf(config).flatMap((component) => filesOf(component)));
}

/**
 * The same configuration, in which a component is another one when a file that its settings name has changed: a reload
 * makes it anew. Not a storage, which cannot be replaced while it is in use.
 */
export function withRevisions(config: ResolvedConfig): ResolvedConfig {
  const { receivers, processors, exporters, connectors, extensions } = config;
  return {
    ...config,
    receivers: revised(receivers),
    processors: revised(processors),
    exporters: revised(exporters),
    connectors: revised(connectors),
    extensions: revised(extensions),
  };
}

function revised<C extends ResolvedComponent>(section: ReadonlyMap<string, C>): ReadonlyMap<string, C> {
  const all = [...section].map(([id, component]): [string, C] => {
    const files = filesOf(component);
    return [id, files.length === 0 ? component : { ...component, revision: files.map(stateOf).join(' ') }];
  });
  return new Map(all);
}

function filesOf({ config, definition }: ResolvedComponent): readonly string[] {
  if (definition.kind === 'extension' && definition.storage !== undefined) return [];
  return [...namedFiles(config)];
}

function* namedFiles(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  // It looks at its files by itself, and keeps its connections when they change.
  if (Number((value as { readonly reload_interval?: unknown }).reload_interval ?? 0) > 0) return;
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner !== 'string') yield* namedFiles(inner);
    else if (NAMES_FILE.test(key) && inner !== '') yield path.resolve(inner);
  }
}

function stateOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? 'missing' : `${stats.ino}-${stats.size}-${stats.mtimeMs}`;
}
