import { fileURLToPath } from 'node:url';
import {
  ConfigErrors,
  loadConfig,
  loadConfigObject,
  type LoadedConfig,
  type LoadSettings,
  type Registry,
} from '@millrace/config';
import type { CollectorConfig, ConfigOptions } from './options.ts';

/** An endpoint that stays where files name none of their own: there is nothing else to tell that by. */
const NO_ENDPOINT = { host: 'none.invalid', port: 1 };

/** Merged below what files say: a guest takes no cores, and opens no ports, that nobody gave it. */
const GUEST_LAYER = {
  service: {
    workers: { threads: 0 },
    telemetry: { metrics: { address: `${NO_ENDPOINT.host}:${NO_ENDPOINT.port}` } },
  },
};
const GUEST_URI = `yaml:${JSON.stringify(GUEST_LAYER)}`;
/** What messages call the first source of a configuration. */
const GUEST_LABEL = 'yaml#1:';

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
  if (typeof config === 'string' || config instanceof URL) return loadSources([config], settings);
  if (isList(config)) return loadSources(config, settings);
  return loadConfigObject(asGuest(config), settings);
}

function isList(config: ConfigOptions['config']): config is readonly (string | URL)[] {
  return Array.isArray(config);
}

async function loadSources(sources: readonly (string | URL)[], settings: LoadSettings): Promise<LoadedConfig> {
  const loaded = await loadConfig([GUEST_URI, ...sources.map(uriOf)], settings).catch((error: unknown) => {
    throw error instanceof ConfigErrors ? new ConfigErrors(error.errors, ownWarnings(error.warnings)) : error;
  });
  const warnings = ownWarnings(loaded.warnings);
  const { service } = loaded.config;
  const { metrics } = service.telemetry;
  if (metrics?.host !== NO_ENDPOINT.host || metrics.port !== NO_ENDPOINT.port) return { ...loaded, warnings };
  const telemetry = { ...service.telemetry, metrics: undefined };
  return { ...loaded, warnings, config: { ...loaded.config, service: { ...service, telemetry } } };
}

/** Those that are about what the program wrote. */
function ownWarnings(warnings: LoadedConfig['warnings']): LoadedConfig['warnings'] {
  return warnings.filter(({ location }) => !location.startsWith(GUEST_LABEL));
}

function uriOf(source: string | URL): string {
  if (source instanceof URL) return source.protocol === 'file:' ? fileURLToPath(source) : source.href;
  return source.includes('\n') ? `yaml:${source}` : source;
}

/** The same for an object. What should be a map and is none is left for the checks to complain of. */
function asGuest(config: CollectorConfig): object {
  const { service } = config;
  if (!isMap(service)) return config;
  const { workers = {}, telemetry = {} } = service;
  return {
    ...config,
    service: {
      ...service,
      workers: isMap(workers) ? { threads: 0, ...workers } : workers,
      telemetry: isMap(telemetry) ? { metrics: { level: 'none' }, ...telemetry } : telemetry,
    },
  };
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
