import { fileURLToPath } from 'node:url';
import { loadConfig, type LoadedConfig, readConfigFile, type ResolvedConfig } from '@millrace/config';
import type { ConfigOptions } from '../commands/read-config.ts';
import { PluginRegistry } from '../registry.ts';

/** Reads the same configuration again and again, and knows which files it is made of. */
export class ConfigReader {
  readonly #options: ConfigOptions;
  /** Of the last attempt, whether it succeeded or not, and of what runs. */
  #files: ReadonlySet<string> = new Set();

  constructor(options: ConfigOptions) {
    this.#options = options;
  }

  /** The configuration files, what they include, and the modules of the components that they use. */
  get files(): ReadonlySet<string> {
    return this.#files;
  }

  /** Throws ConfigErrors. */
  async read(): Promise<LoadedConfig> {
    const files = new Set<string>();
    const { config: sources, set: sets } = this.#options;
    try {
      const loaded = await loadConfig(sources, {
        sets,
        registry: new PluginRegistry(),
        readFile: (file) => {
          files.add(file);
          return readConfigFile(file);
        },
      });
      for (const file of modulesOf(loaded.config)) files.add(file);
      this.#files = files;
      return loaded;
    } catch (error) {
      // A plugin that cannot be imported is in none of the lists, and may be the one that is mended next.
      this.#files = new Set([...this.#files, ...files]);
      throw error;
    }
  }
}

function* modulesOf(config: ResolvedConfig): Generator<string> {
  const { receivers, processors, exporters, connectors, extensions } = config;
  for (const section of [receivers, processors, exporters, connectors, extensions]) {
    for (const { module } of section.values()) if (module?.startsWith('file:') === true) yield fileURLToPath(module);
  }
}
