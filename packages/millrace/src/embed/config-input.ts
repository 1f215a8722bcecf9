import { fileURLToPath } from 'node:url';
import { loadConfig, loadConfigObject, type LoadedConfig, type LoadSettings, type Registry } from '@millrace/config';
import type { CollectorConfig, ConfigOptions } from './options.ts';

/** An endpoint that stays where a configuration names none of its own: there is nothing else to tell that by. */
const NO_ENDPOINT = { host: 'none.invalid', port: 1 };
const NO_ADDRESS = `${NO_ENDPOINT.host}:${NO_ENDPOINT.port}`;
const ADDRESS_KEY = 'service.telemetry.metrics.address';

/** A guest takes no cores, and opens no ports, that nobody gave it. */
const GUEST_SERVICE = { workers: { threads: 0 }, telemetry: { metrics: { address: NO_ADDRESS } } };

/**
 * Loads the configuration of an embedded collector: like any other, except that without a word on them there are no
 * workers and no endpoint for metrics. @throws {ConfigErrors}
 */
export async function loadInput(options: ConfigOptions, registry: Registry): Promise<LoadedConfig> {
  const { config, env, cwd } = options;
  const settings: LoadSettings = {
    registry,
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
  };
  return withoutNamelessEndpoint(await load(config, settings));
}

function load(config: ConfigOptions['config'], settings: LoadSettings): Promise<LoadedConfig> {
  if (typeof config === 'string' || config instanceof URL || isList(config)) {
    const sources = isList(config) ? config : [config];
    return loadConfig([`yaml:${JSON.stringify({ service: GUEST_SERVICE })}`, ...sources.map(uriOf)], settings);
  }
  return loadConfigObject(withGuestDefaults(config), settings);
}

function isList(config: ConfigOptions['config']): config is readonly (string | URL)[] {
  return Array.isArray(config);
}

function uriOf(source: string | URL): string {
  if (source instanceof URL) return source.protocol === 'file:' ? fileURLToPath(source) : source.href;
  return source.includes('\n') ? `yaml:${source}` : source;
}

/** What is no map is left for the checks to complain of. */
function withGuestDefaults(config: CollectorConfig): object {
  const { service } = config;
  return isMap(service) ? { ...config, service: below(GUEST_SERVICE, service) } : config;
}

function below(defaults: object, value: object): object {
  const merged: Record<string, unknown> = { ...defaults, ...value };
  for (const [key, inner] of Object.entries(defaults)) {
    const own = (value as Record<string, unknown>)[key];
    if (isMap(inner) && isMap(own)) merged[key] = below(inner, own);
    else if (own === undefined) merged[key] = inner;
  }
  return merged;
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutNamelessEndpoint(loaded: LoadedConfig): LoadedConfig {
  const { service } = loaded.config;
  const { metrics } = service.telemetry;
  if (metrics?.host !== NO_ENDPOINT.host || metrics.port !== NO_ENDPOINT.port) return loaded;
  const warnings = loaded.warnings.filter(({ where }) => where !== ADDRESS_KEY);
  const telemetry = { ...service.telemetry, metrics: undefined };
  return { ...loaded, warnings, config: { ...loaded.config, service: { ...service, telemetry } } };
}
