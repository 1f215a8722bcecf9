import { ComponentError } from '@millrace/api';
import { ConfigErrors, formatProblems, loadConfig, type LoadedConfig } from '@millrace/config';
import { PluginRegistry } from '../registry.ts';

/** Options of every command that reads a configuration. */
export interface ConfigOptions {
  /** Files and other sources, merged in order. */
  readonly config: readonly string[];
  /** `key.path=value` overrides. */
  readonly set: readonly string[];
}

/** Prints everything that is wrong with a configuration, and how much that is. */
export function printErrors(error: ConfigErrors): void {
  const { stderr } = process;
  const { isTTY } = stderr;
  if (error.warnings.length > 0) {
    stderr.write(`${formatProblems(error.warnings, { color: isTTY, severity: true })}\n`);
  }
  stderr.write(`${error.format({ color: isTTY, excerpts: isTTY, severity: true })}\n`);
  const warnings = error.warnings.length === 0 ? '' : `, ${counted(error.warnings.length, 'warning')}`;
  stderr.write(`${counted(error.errors.length, 'error')}${warnings}\n`);
}

/** `1 error`, `2 errors`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Reads and checks a configuration; on errors, prints all of them and gives undefined. */
export function readConfig(options: ConfigOptions): Promise<LoadedConfig | undefined> {
  return printingErrors(() => loadConfig(options.config, { sets: options.set, registry: new PluginRegistry() }));
}

/** What `read` gives, with its warnings printed; on errors, prints all of them and gives undefined. */
export async function printingErrors(read: () => Promise<LoadedConfig>): Promise<LoadedConfig | undefined> {
  const { stderr } = process;
  const tty = stderr.isTTY;
  const print = (text: string) => void (text === '' ? undefined : stderr.write(`${text}\n`));
  try {
    const loaded = await read();
    print(formatProblems(loaded.warnings, { color: tty, severity: true }));
    return loaded;
  } catch (error) {
    if (error instanceof ComponentError)
      print(`error  ${error.message}${error.remedy === undefined ? '' : `  ${error.remedy}`}\n1 error`);
    else if (error instanceof ConfigErrors) printErrors(error);
    else throw error;
    return undefined;
  }
}
