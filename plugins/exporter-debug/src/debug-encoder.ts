import type { Encoder, OpenBatch } from '@millrace/api';
import { LogsBatch, MetricsBatch, protoToJson, TracesBatch } from '@millrace/otlp';
import { detailedLogs } from './detailed-logs.ts';
import { detailedMetrics } from './detailed-metrics.ts';
import { detailedTraces } from './detailed-traces.ts';
import type { DebugExporterConfig } from './index.ts';
import { normalLogs, normalMetrics, normalTraces } from './normal-text.ts';

/** What a batch looks like: a name and counts, and text according to the verbosity. */
export interface Shown {
  readonly title: string;
  readonly counts: Readonly<Record<string, number>>;
  /** Empty with basic verbosity. */
  readonly text: string;
}

/** Makes the text. Its first line is JSON, with what the log shows as fields. */
export class DebugEncoder implements Encoder {
  readonly #verbosity: DebugExporterConfig['verbosity'];

  constructor({ verbosity }: Pick<DebugExporterConfig, 'verbosity'>) {
    this.#verbosity = verbosity;
  }

  encode(batch: OpenBatch): Uint8Array {
    const { title, counts, text } = show(batch, this.#verbosity);
    return Buffer.from(`${JSON.stringify({ title, counts })}\n${text}`);
  }
}

/** What {@link DebugEncoder} has encoded. */
export function decodeShown(bytes: Uint8Array): Shown {
  const all = Buffer.from(bytes).toString();
  const end = all.indexOf('\n');
  return { ...(JSON.parse(all.slice(0, end)) as Omit<Shown, 'text'>), text: all.slice(end + 1) };
}

function show(batch: OpenBatch, verbosity: DebugExporterConfig['verbosity']): Shown {
  const detailed = verbosity === 'detailed';
  const basic = verbosity === 'basic';
  if (batch instanceof LogsBatch) {
    const counts = { 'resource logs': size(batch.resources), 'log records': batch.itemCount };
    return { title: 'Logs', counts, text: basic ? '' : detailed ? detailedLogs(batch) : normalLogs(batch) };
  }
  if (batch instanceof TracesBatch) {
    const counts = { 'resource spans': size(batch.resources), spans: batch.itemCount };
    return { title: 'Traces', counts, text: basic ? '' : detailed ? detailedTraces(batch) : normalTraces(batch) };
  }
  if (batch instanceof MetricsBatch) {
    const counts = {
      'resource metrics': size(batch.resources),
      metrics: size(batch.metrics),
      'data points': batch.itemCount,
    };
    return { title: 'Metrics', counts, text: basic ? '' : detailed ? detailedMetrics(batch) : normalMetrics(batch) };
  }
  // Profiles still change their form from release to release: they are shown as they are.
  const json = batch.chunks.map((chunk) => `${Buffer.from(protoToJson(batch.signal, chunk)).toString()}\n`);
  return { title: 'Profiles', counts: { 'sample records': batch.itemCount }, text: basic ? '' : json.join('') };
}

function size(views: Iterable<unknown>): number {
  let count = 0;
  for (const _ of views) count++;
  return count;
}
