import type { LogRecordExporter, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { Exporter } from './exporter.ts';
import type { Intake } from './intake.ts';
import { encodeLogRecords } from './signal-encoder.ts';

export interface LogRecordExporterOptions {
  /** `collector.receiver('app')` */
  readonly receiver: Pick<Intake, 'logs'>;
  /** How long the collector may take, refusals for the moment included, in milliseconds. Default: 30,000. */
  readonly exportTimeoutMillis?: number;
}

/** Hands log records to a collector in this process, for a processor of the SDK's; {@link MillraceLogRecordProcessor} needs none. */
export class MillraceLogRecordExporter extends Exporter<ReadableLogRecord[]> implements LogRecordExporter {
  constructor({ receiver, exportTimeoutMillis = 30_000 }: LogRecordExporterOptions) {
    super({
      who: 'MillraceLogRecordExporter',
      items: 'log records',
      exportTimeoutMillis,
      count: (records) => records.length,
      encode: encodeLogRecords,
      send: (request) => receiver.logs(request),
    });
  }
}
