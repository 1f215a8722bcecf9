import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ComponentError, type Definition, type Kind } from '@millrace/api';
import type { Registry, RegistryEntry } from '@millrace/config';
import { loadPluginModule, locatePlugin, pluginFiles, type PluginModule } from '@millrace/workers';
import { checkRange } from './plugin-range.ts';
import { version } from './version.ts';
import { BUILT_IN_PLUGINS } from './generated/built-in-plugins.ts';

/** Where one component comes from; imported when it is first asked for. */
interface Source {
  readonly kind: Kind;
  readonly type: string;
  readonly aliases: readonly string[];
  /** Package name of a built-in plugin, or the place that a configuration named. */
  readonly origin: string;
  load(): Promise<RegistryEntry>;
}

/** Every component that a configuration can use: the built-in ones, and those of the plugins that it loads. */
export class PluginRegistry implements Registry {
  readonly #sources = new Map<string, Source>();
  /** What plugins are called, by their modules. */
  readonly #loaded = new Map<string, string>();
  readonly #files = new Set<string>();

  constructor() {
    for (const { kind, type, aliases, module } of BUILT_IN_PLUGINS) {
      this.#add({ kind, type, aliases, origin: module, load: () => importBuiltIn(module, kind, type) });
    }
  }

  async find<K extends Kind>(kind: K, type: string): Promise<RegistryEntry<K> | undefined> {
    return (await this.#sources.get(`${kind}:${type}`)?.load()) as RegistryEntry<K> | undefined;
  }

  types(kind: Kind): readonly string[] {
    return [...this.#sources.keys()]
      .filter((key) => key.startsWith(`${kind}:`))
      .map((key) => key.slice(kind.length + 1));
  }

  /** Loads a plugin. One that is loaded already, by whatever name, is called by the last one. */
  async load(specifier: string, baseDir: string): Promise<void> {
    const module = this.#locate(specifier, baseDir);
    let loaded: PluginModule;
    try {
      await checkRange(module, specifier, version);
      loaded = await loadPluginModule(specifier, baseDir);
    } finally {
      for (const file of pluginFiles(module)) this.#files.add(file);
    }
    const { url, definitions } = loaded;
    const known = this.#loaded.get(module);
    this.#loaded.set(module, specifier);
    if (known !== undefined) return;
    for (const definition of definitions) {
      const { kind, type, aliases = [] } = definition;
      const entry = () => ({ definition, module: url, plugin: this.#loaded.get(module) ?? specifier });
      this.#add({ kind, type, aliases, origin: specifier, load: () => Promise.resolve(entry()) });
    }
  }

  /** Modules of plugins that were asked for, and what these import by paths; also of those that could not be loaded. */
  get files(): ReadonlySet<string> {
    return this.#files;
  }

  /** Modules of the plugins that were loaded. */
  get modules(): readonly string[] {
    return [...this.#loaded.keys()]
      .filter((module) => module.startsWith('file:'))
      .map((module) => fileURLToPath(module));
  }

  #locate(specifier: string, baseDir: string): string {
    try {
      return locatePlugin(specifier, baseDir);
    } catch (error) {
      if (/^\.{0,2}[\\/]/.test(specifier)) this.#files.add(path.resolve(baseDir, specifier));
      throw error;
    }
  }

  /** All definitions, for listings and the schema. Imports every plugin. */
  async all(): Promise<readonly (RegistryEntry & { readonly origin: string })[]> {
    const sources = [...new Set(this.#sources.values())];
    return Promise.all(sources.map(async (source) => ({ ...(await source.load()), origin: source.origin })));
  }

  #add(source: Source): void {
    for (const name of [source.type, ...source.aliases]) {
      const key = `${source.kind}:${name}`;
      const other = this.#sources.get(key);
      if (other !== undefined) {
        throw new ComponentError(
          `plugin "${source.origin}" defines the ${source.kind} "${name}", which "${other.origin}" defines already`,
          { code: 'PLUGIN_CLASH', remedy: 'rename the type in the plugin' },
        );
      }
      this.#sources.set(key, source);
    }
  }
}

async function importBuiltIn(module: string, kind: Kind, type: string): Promise<RegistryEntry> {
  const url = import.meta.resolve(module);
  const { default: exported } = (await import(url)) as { default: Definition | readonly Definition[] };
  const definitions = Array.isArray(exported) ? (exported as readonly Definition[]) : [exported as Definition];
  const definition = definitions.find((each) => each.kind === kind && each.type === type);
  if (definition === undefined) throw new Error(`${module} does not define the ${kind} "${type}"`);
  return { definition, module: url };
}
