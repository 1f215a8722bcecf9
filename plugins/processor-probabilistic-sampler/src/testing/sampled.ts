import { LogsBatch, LogsBuilder, TracesBatch, TracesBuilder, type LogRecordView, type SpanView } from '@millrace/otlp';
import { FakeStepTools } from '@millrace/testkit';
import definition from '../index.ts';
import type { SamplerSettings } from '../sampler-settings.ts';

export const DEFAULTS: SamplerSettings = {
  sampling_percentage: 0,
  mode: 'hash_seed',
  hash_seed: 0,
  fail_closed: true,
  sampling_precision: 4,
  attribute_source: 'traceID',
  from_attribute: '',
  sampling_priority: '',
};

type Settings = Partial<SamplerSettings>;

const transformOf = (settings: Settings) => definition.create!({ ...DEFAULTS, ...settings }, new FakeStepTools());

/** The trace states of the spans that are kept. */
export function sampledSpans(settings: Settings, fills: readonly ((span: SpanView) => void)[]): string[] {
  const builder = new TracesBuilder();
  const scope = builder.addResource().addScope();
  for (const fill of fills) fill(scope.addSpan());
  const batch = TracesBatch.of([builder.toBytes()]);
  transformOf(settings).traces?.(batch);
  const states: string[] = [];
  for (const span of batch.spans) states.push(span.traceState);
  return states;
}

/** The attributes of the records that are kept. */
export function sampledRecords(
  settings: Settings,
  fills: readonly ((record: LogRecordView) => void)[],
): Record<string, unknown>[] {
  const builder = new LogsBuilder();
  const scope = builder.addResource().addScope();
  for (const fill of fills) fill(scope.addRecord());
  const batch = LogsBatch.of([builder.toBytes()]);
  transformOf(settings).logs?.(batch);
  const kept: Record<string, unknown>[] = [];
  for (const record of batch.records) kept.push(record.attributes.toObject());
  return kept;
}
