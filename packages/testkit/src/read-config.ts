import { loadConfig, type Registry, type ResolvedConfig } from '@millrace/config';

const DEFAULTS = 'defaults.yaml';
const UNDER_TEST = 'test.yaml';
const OVERRIDES = 'overrides.yaml';

/**
 * Loads configuration text as the collector loads files. Unless it says otherwise: `threads` workers, and self-metrics
 * off, or on a free port. `overrides` are merged over the text. Throws ConfigErrors.
 */
export async function readConfig(
  yaml: string,
  settings: {
    readonly registry: Registry;
    readonly threads?: number;
    readonly metrics?: boolean;
    readonly overrides?: object;
  },
): Promise<ResolvedConfig> {
  const endpoint = { readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: 0 } } } }] };
  const service = {
    workers: { threads: settings.threads ?? 0 },
    telemetry: { metrics: settings.metrics === true ? endpoint : { level: 'none' } },
  };
  const texts: Readonly<Record<string, string>> = {
    [DEFAULTS]: JSON.stringify({ service }),
    [UNDER_TEST]: yaml,
    [OVERRIDES]: JSON.stringify(settings.overrides ?? {}),
  };
  const readFile = (path: string) => {
    const text = Object.entries(texts).find(([name]) => path.endsWith(name))?.[1];
    return text === undefined ? Promise.reject(new Error(`${path} is not there`)) : Promise.resolve(text);
  };
  const { config } = await loadConfig([DEFAULTS, UNDER_TEST, OVERRIDES], { registry: settings.registry, readFile });
  return config;
}
