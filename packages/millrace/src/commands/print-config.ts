import { ConfigErrors, printConfig } from '@millrace/config';
import { PluginRegistry } from '../registry.ts';
import { type ConfigOptions, printErrors } from './read-config.ts';

/** Prints the merged configuration with every `${...}` replaced and secrets redacted. The result is the exit code. */
export async function printMerged(options: ConfigOptions): Promise<number> {
  try {
    const text = await printConfig(options.config, { sets: options.set, registry: new PluginRegistry() });
    process.stdout.write(text);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigErrors)) throw error;
    printErrors(error);
    return 1;
  }
}
