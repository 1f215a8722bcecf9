import { fileURLToPath } from 'node:url';
import { loadConfig, type LoadedConfig, readConfigFile } from '@millrace/config';
import { componentsOf } from '@millrace/engine';
import type { ConfigOptions } from '../commands/read-config.ts';
import { PluginRegistry } from '../registry.ts';
import { filesNamedIn, withRevisions } from './named-files.ts';

export interface ConfigReaderOptions extends ConfigOptions {
  /** Plugins beside those that the configuration names, relative to the working directory. */
  readonly plugins?: readonly string[];
}

/** Reads the same configuration again and again, and knows which files it is made of. */
export class ConfigReader {
  readonly #options: ConfigReaderOptions;
  /** Of the last attempt, whether it succeeded or not, and of what runs. */
  #files: ReadonlySet<string> = new Set();
  #pluginModules: readonly string[] = [];

  constructor(options: ConfigReaderOptions) {
    this.#options = options;
  }

  /**
   * The configuration files and what they include, the modules of the components that they use, with what plugins import by
   * paths, and the files (certificates, keys, passwords) that settings name.
   */
  get files(): ReadonlySet<string> {
    return this.#files;
  }

  /** Paths of the plugins' modules, as far as they could be loaded once. */
  get pluginModules(): readonly string[] {
    return this.#pluginModules;
  }

  /** Throws ConfigErrors, or the ComponentError of a plugin that is not named in the configuration. */
  async read(): Promise<LoadedConfig> {
    const files = new Set<string>();
    const registry = new PluginRegistry();
    const { config: sources, set: sets, plugins = [] } = this.#options;
    try {
      for (const plugin of plugins) await registry.load(plugin, process.cwd());
      const loaded = await loadConfig(sources, {
        sets,
        registry,
        readFile: (file) => {
          files.add(file);
          return readConfigFile(file);
        },
      });
      for (const { module } of componentsOf(loaded.config)) {
        if (module?.startsWith('file:') === true) files.add(fileURLToPath(module));
      }
      for (const file of filesNamedIn(loaded.config)) files.add(file);
      for (const file of registry.files) files.add(file);
      this.#files = files;
      this.#pluginModules = registry.modules;
      return { ...loaded, config: withRevisions(loaded.config) };
    } catch (error) {
      // What cannot be read or imported now may be what is mended next.
      this.#files = new Set([...this.#files, ...files, ...registry.files]);
      throw error;
    }
  }
}
