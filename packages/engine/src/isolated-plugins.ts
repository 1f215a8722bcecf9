import type { ResolvedComponent, ResolvedConfig } from '@millrace/config';
import type { IsolatedPlugin } from '@millrace/workers';

/** The plugins whose steps have workers of their own, by name, with what their bounds come to. */
export function isolatedPlugins(config: ResolvedConfig): readonly IsolatedPlugin[] {
  const { workers } = config.service;
  const plugins = new Map<string, IsolatedPlugin>();
  for (const { plugin, module } of componentsOf(config)) {
    if (plugin?.isolation === undefined || module === undefined) continue;
    const { name } = plugin;
    const { heapMb = workers.heapMb, deadlineMs = workers.deadlineMs, cpu } = plugin.isolation;
    const modules = new Set([...(plugins.get(name)?.modules ?? []), module]);
    plugins.set(name, { name, modules: [...modules], heapMb, deadlineMs, cpu });
  }
  return [...plugins.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether payloads lie in memory that other threads read. */
export function sharesMemory(config: ResolvedConfig): boolean {
  return config.service.workers.threads > 0 || isolatedPlugins(config).length > 0;
}

/** All components of a configuration. */
export function componentsOf(config: ResolvedConfig): readonly ResolvedComponent[] {
  const { receivers, processors, exporters, connectors, extensions } = config;
  return [receivers, processors, exporters, connectors, extensions].flatMap((section) => [...section.values()]);
}
