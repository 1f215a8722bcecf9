import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Which files plugins are made of: their modules, and what these import by a relative path. Node imports a module once for
 * each URL; a plugin of which a file has changed is imported under a URL with another version, and so is what it imports.
 */
const VERSION = 'version';

/** By URL without a version: what it has imported so far. Only plugins and what they import are in it. */
const imports = new Map<string, Set<string>>();
/** What a file was when it was last resolved, by URL. */
const states = new Map<string, string>();
/** How each plugin was imported last, by the URL of its module. */
const attempts = new Map<string, Attempt>();

interface Attempt {
  /** What the plugin was called. */
  readonly name: string;
  readonly url: string;
  readonly states: ReadonlyMap<string, string>;
}

let versions = 0;

/** The URL under which a plugin is imported: another one whenever one of its files is not what it was at the last import. */
export function versionedUrl(module: string): string {
  const last = attempts.get(module);
  const isSame = last !== undefined && [...last.states].every(([file, state]) => stateOf(file) === state);
  if (isSame) return last.url;
  note(module);
  return last === undefined ? module : withVersion(module, String(++versions));
}

/** Remembers what a plugin was made of when it was imported, whether that succeeded or not. */
export function noteAttempt(module: string, { name, url }: Pick<Attempt, 'name' | 'url'>): void {
  const files = filesOf(module);
  attempts.set(module, { name, url, states: new Map(files.map((file) => [file, states.get(file) ?? stateOf(file)])) });
}

/** Paths of a plugin's module and of all that it imports by a relative path, as far as it has been imported. */
export function pluginFiles(module: string): readonly string[] {
  return module.startsWith('file:') ? filesOf(module).map((file) => fileURLToPath(file)) : [];
}

/** Every plugin that was ever imported in this thread, with the URL of its module. */
export function knownPlugins(): readonly { readonly name: string; readonly module: string }[] {
  return [...attempts].map(([module, { name }]) => ({ name, module }));
}

/** A relative import of a plugin: notes it, and passes the importer's version on. */
export function childUrl(parent: string | undefined, child: string): string {
  if (parent === undefined || !child.startsWith('file:')) return child;
  const [importer, version] = withoutVersion(parent);
  const children = imports.get(importer);
  if (children !== undefined) {
    children.add(child);
    note(child);
  }
  return version === undefined ? child : withVersion(child, version);
}

/** The URL of a module, and the version that it was imported under. */
export function withoutVersion(url: string): readonly [url: string, version: string | undefined] {
  const at = url.indexOf(`?${VERSION}=`);
  return at < 0 ? [url, undefined] : [url.slice(0, at), url.slice(at + VERSION.length + 2)];
}

function withVersion(url: string, version: string): string {
  return `${url}?${VERSION}=${version}`;
}

function note(file: string): void {
  if (!imports.has(file)) imports.set(file, new Set());
  states.set(file, stateOf(file));
}

function filesOf(module: string): readonly string[] {
  const files = new Set([module]);
  for (const file of files) for (const child of imports.get(file) ?? []) files.add(child);
  return [...files];
}

function stateOf(file: string): string {
  const stats = file.startsWith('file:') ? statSync(fileURLToPath(file), { throwIfNoEntry: false }) : undefined;
  return stats === undefined ? 'missing' : `${stats.ino} ${stats.size} ${stats.mtimeMs}`;
}
