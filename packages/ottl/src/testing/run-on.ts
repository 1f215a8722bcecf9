import type { LogRecordView, LogsBatch } from '@millrace/otlp';
import type { Telemetry } from '../function/example.ts';
import { makeTelemetry } from './telemetry.ts';

/** Calls `use` with the only record of this telemetry. */
export function runOn<T>(given: Telemetry, use: (record: LogRecordView) => T): T {
  for (const record of (makeTelemetry(given, 'log') as LogsBatch).records) return use(record);
  throw new Error('there is no record');
}
