import { ConfigErrors, formatProblems } from '../config-errors.ts';
import { loadConfig, type LoadedConfig, type LoadSettings } from '../load-config.ts';
import { FakeRegistry } from './fake-registry.ts';

export interface TextSettings extends Partial<LoadSettings> {
  /** Contents of files by absolute path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Settings with no access to the real environment, file system or network. */
export function settingsFor({ files = {}, ...rest }: TextSettings = {}): LoadSettings {
  return {
    registry: new FakeRegistry(),
    env: {},
    cwd: '/etc/millrace',
    readFile: async (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return text;
    },
    fetch: async () => {
      throw new Error('no network in tests');
    },
    ...rest,
  };
}

/** Loads a text as the file `c.yaml`. */
export function loadText(text: string, settings: TextSettings = {}): Promise<LoadedConfig> {
  return loadConfig(
    ['c.yaml'],
    settingsFor({ ...settings, files: { ...settings.files, '/etc/millrace/c.yaml': text } }),
  );
}

/** The errors of a text, one line each; empty when it loads. */
export async function errorsOf(text: string, settings: TextSettings = {}): Promise<string[]> {
  const errors = await configErrorsOf(text, settings);
  return errors === undefined ? [] : errors.format().split('\n');
}

export async function configErrorsOf(text: string, settings: TextSettings = {}): Promise<ConfigErrors | undefined> {
  try {
    await loadText(text, settings);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigErrors) return error;
    throw error;
  }
}

/** The warnings of a text that loads, one line each. */
export async function warningsOf(text: string, settings: TextSettings = {}): Promise<string[]> {
  const { warnings } = await loadText(text, settings);
  return warnings.length === 0 ? [] : formatProblems(warnings).split('\n');
}

/** A service section that makes everything else of a small configuration used. */
export const SERVICE = 'service: { pipelines: { logs: { receivers: [demo], exporters: [debug] } } }\n';
export const AROUND = `receivers: { demo: }\nexporters: { debug: }\n${SERVICE}`;
