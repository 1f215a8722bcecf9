import { ConfigErrors, loadConfig, type ResolvedConfig } from '@millrace/config';
import { paintFor } from '../display/paint.ts';
import { PluginRegistry } from '../registry.ts';

/** Options of every command that reads a configuration. */
export interface ConfigOptions {
  /** Files and other sources, merged in order. */
  readonly config: readonly string[];
  /** `key.path=value` overrides. */
  readonly set: readonly string[];
}

/** Reads and checks a configuration; on errors, prints all of them and gives undefined. */
export async function readConfig(options: ConfigOptions): Promise<ResolvedConfig | undefined> {
  const { stderr } = process;
  const tty = stderr.isTTY === true;
  try {
    const { config, warnings } = await loadConfig(options.config, {
      sets: options.set,
      registry: new PluginRegistry(),
    });
    const paint = paintFor(stderr);
    for (const warning of warnings) stderr.write(`${paint.yellow('warning')} ${warning}\n`);
    return config;
  } catch (error) {
    if (!(error instanceof ConfigErrors)) throw error;
    stderr.write(`${error.format({ color: tty, excerpts: tty })}\n`);
    return undefined;
  }
}
