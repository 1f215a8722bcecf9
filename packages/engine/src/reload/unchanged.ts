import { isDeepStrictEqual } from 'node:util';
import type { Kind } from '@millrace/api';
import type { ResolvedComponent, ResolvedConfig } from '@millrace/config';

const SECTIONS = {
  receiver: 'receivers',
  processor: 'processors',
  exporter: 'exporters',
  connector: 'connectors',
  extension: 'extensions',
} as const satisfies Record<Kind, keyof ResolvedConfig>;

/**
 * Tells which components of one configuration are the same in another: of the same definition, with the same settings,
 * and with nothing among these that names an extension that is not the same.
 */
export class Unchanged {
  readonly #before: ResolvedConfig;
  readonly #after: ResolvedConfig;
  readonly #changedExtensions = new Set<string>();

  constructor(before: ResolvedConfig, after: ResolvedConfig) {
    this.#before = before;
    this.#after = after;
    const running = new Set([...before.service.extensions, ...after.service.extensions]);
    // A change spreads to whoever holds on to what has changed, and from there on.
    for (let known = -1; known < this.#changedExtensions.size;) {
      known = this.#changedExtensions.size;
      for (const id of running) if (!this.has('extension', id)) this.#changedExtensions.add(id);
    }
  }

  has(kind: Kind, id: string): boolean {
    const was = componentOf(this.#before, kind, id);
    const is = componentOf(this.#after, kind, id);
    return was !== undefined && is !== undefined && isSame(was, is) && !mentions(is.config, this.#changedExtensions);
  }
}

function componentOf(config: ResolvedConfig, kind: Kind, id: string): ResolvedComponent | undefined {
  if (kind === 'extension' && !config.service.extensions.includes(id)) return undefined;
  return (config[SECTIONS[kind]] as ReadonlyMap<string, ResolvedComponent>).get(id);
}

/** A module that has changed on disk is imported under another URL. */
function isSame(a: ResolvedComponent, b: ResolvedComponent): boolean {
  const isSameCode = a.definition === b.definition && a.module === b.module;
  return isSameCode && a.revision === b.revision && isDeepStrictEqual(a.config, b.config);
}

/** Whether some text in a component's settings is one of these ids. */
function mentions(value: unknown, ids: ReadonlySet<string>): boolean {
  if (typeof value === 'string') return ids.has(value);
  if (typeof value !== 'object' || value === null || ids.size === 0) return false;
  return Object.values(value).some((each) => mentions(each, ids));
}
