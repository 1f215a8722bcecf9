import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { SelfTelemetry } from './self-telemetry.ts';

/** Registers what the collector says about its own process; the result stops measuring. */
export function observeProcess(telemetry: SelfTelemetry): () => void {
  // It wakes the process 50 times a second: not before somebody looks.
  const delay = monitorEventLoopDelay({ resolution: 20 });
  telemetry.gauge('process_uptime', { description: 'Uptime of the process', unit: 's' }, () => process.uptime());
  telemetry.gauge('process_memory_rss', { description: 'Total physical memory (resident set size)', unit: 'By' }, () =>
    process.memoryUsage.rss(),
  );
  telemetry.gauge(
    'process_cpu_seconds',
    { description: 'Total CPU user and system time in seconds', unit: 's' },
    () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  );
  telemetry.gauge('process_runtime_heap_alloc_bytes', { description: 'Live JavaScript heap', unit: 'By' }, () => {
    return process.memoryUsage().heapUsed;
  });
  telemetry.own.gauge(
    'event_loop_delay_p99',
    { description: 'Delay of the main event loop since the last scrape, 99th percentile', unit: 'ms' },
    () => {
      if (delay.enable()) return 0;
      const value = delay.percentile(99) / 1e6;
      delay.reset();
      return Number.isFinite(value) ? value : 0;
    },
  );
  return () => delay.disable();
}
