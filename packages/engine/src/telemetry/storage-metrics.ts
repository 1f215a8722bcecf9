import type { StorageStats } from '@millrace/delivery';
import type { SelfTelemetry } from './self-telemetry.ts';

/** Registers what a storage says about its disk; the result stops it. */
export function observeStorage(
  telemetry: SelfTelemetry,
  { storage, bytesMax, stats }: { storage: string; bytesMax: number; stats: () => StorageStats },
): () => void {
  const labels = { storage };
  const gauge = (name: string, description: string, unit: string, observe: () => number) =>
    telemetry.own.gauge(`storage_${name}`, { description, unit, labels }, observe);
  const stops = [
    gauge('bytes', 'Room that the storage takes on disk', 'By', () => stats().bytes),
    gauge('live_bytes', 'What of storage_bytes is still needed', 'By', () => stats().liveBytes),
    gauge('quarantined', 'Damaged parts that were put aside since the start', '{part}', () => stats().quarantined),
    gauge('torn', 'Ends that did not check at the start: half-written, or damaged', '{part}', () => stats().torn),
    gauge('unreadable', 'Entries that could not be read since the start', '{entry}', () => stats().unreadable),
    ...(Number.isFinite(bytesMax) ? [gauge('bytes_max', 'Bound of storage_bytes', 'By', () => bytesMax)] : []),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
