import type { Arena, Mill } from '@millrace/workers';
import type { SelfTelemetry } from './self-telemetry.ts';

/** Registers what the engine says about its memory and its workers. */
export function observeEngine(telemetry: SelfTelemetry, { arena, mill }: { arena: Arena; mill: () => Mill }): void {
  const { gauge } = telemetry.own;
  gauge('bytes_in_flight', { description: 'Telemetry held in memory', unit: 'By' }, () => arena.bytesInFlight);
  gauge('bytes_in_flight_max', { description: 'Bound of bytes_in_flight', unit: 'By' }, () => arena.bytesInFlightMax);
  gauge('pool_utilisation', { description: 'Share of worker time spent in grinds, 0 to 1' }, () =>
    mill().stats.utilisation(),
  );
  gauge('pool_waiting', { description: 'Grinds that wait for a worker' }, () => mill().stats.waiting);
  gauge('workers_lost', { description: 'Workers that died and were replaced' }, () => mill().stats.workersLost);
}
