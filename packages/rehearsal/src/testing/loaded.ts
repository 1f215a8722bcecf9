import { loadConfig, type Registry, type ResolvedConfig } from '@millrace/config';
import { TestRegistry } from '@millrace/testkit';

/** Plugins that the tests of this package use. */
const PLUGINS = [
  'connector-failover',
  'exporter-debug',
  'exporter-file',
  'extension-file-storage',
  'extension-health-check',
  'processor-batch',
  'processor-filter',
  'processor-memory-limiter',
  'processor-rate-limit',
  'processor-transform',
  'receiver-otlp',
];

/** A registry with those plugins. */
export async function registry(): Promise<Registry> {
  const plugins = new TestRegistry();
  for (const name of PLUGINS) {
    await plugins.addModule(new URL(`../../../../plugins/${name}/src/index.ts`, import.meta.url));
  }
  return plugins;
}

/** The configuration that a text describes. */
export async function loaded(yaml: string): Promise<ResolvedConfig> {
  const { config } = await loadConfig([`yaml:${yaml}`], { registry: await registry() });
  return config;
}
