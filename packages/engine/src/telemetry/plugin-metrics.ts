import type { PluginStats } from '@millrace/workers';
import type { SelfTelemetry } from './self-telemetry.ts';

/** Registers what plugins with workers of their own use. */
export function observePlugins({ own }: Pick<SelfTelemetry, 'own'>, plugins: () => readonly PluginStats[]): void {
  const each = (valueOf: (stats: PluginStats) => number) => () =>
    plugins().map((stats) => [valueOf(stats), { plugin: stats.plugin }] as const);
  own.observed(
    'counter',
    'plugin_cpu_seconds',
    { description: "CPU time of an isolated plugin's worker", unit: 's' },
    each(({ cpuMs }) => cpuMs / 1_000),
  );
  own.observed(
    'counter',
    'plugin_throttled_seconds',
    { description: 'Time for which grinds of a plugin waited, as it had used up its share', unit: 's' },
    each(({ throttledMs }) => throttledMs / 1_000),
  );
  own.observed(
    'gauge',
    'plugin_heap_bytes',
    { description: "Heap that an isolated plugin's worker uses", unit: 'By' },
    each(({ heapBytes }) => heapBytes),
  );
  own.observed(
    'gauge',
    'plugin_heap_bytes_max',
    { description: 'Bound of plugin_heap_bytes', unit: 'By' },
    each(({ heapBytesMax }) => heapBytesMax),
  );
  own.observed(
    'counter',
    'plugin_workers_lost',
    { description: 'Workers that died over a plugin and were replaced' },
    each(({ workersLost }) => workersLost),
  );
}
