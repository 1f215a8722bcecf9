import { ConfigErrors, formatProblems, loadConfig, type LoadedConfig } from '@millrace/config';
import { PluginRegistry } from '../registry.ts';

/** Options of every command that reads a configuration. */
export interface ConfigOptions {
  /** Files and other sources, merged in order. */
  readonly config: readonly string[];
  /** `key.path=value` overrides. */
  readonly set: readonly string[];
}

/** Reads and checks a configuration; on errors, prints all of them and gives undefined. */
export async function readConfig(options: ConfigOptions): Promise<LoadedConfig | undefined> {
  const { stderr } = process;
  const tty = stderr.isTTY;
  const print = (text: string) => void (text === '' ? undefined : stderr.write(`${text}\n`));
  try {
    const loaded = await loadConfig(options.config, { sets: options.set, registry: new PluginRegistry() });
    print(formatProblems(loaded.warnings, { color: tty }));
    return loaded;
  } catch (error) {
    if (!(error instanceof ConfigErrors)) throw error;
    print(formatProblems(error.warnings, { color: tty }));
    print(error.format({ color: tty, excerpts: tty }));
    return undefined;
  }
}
