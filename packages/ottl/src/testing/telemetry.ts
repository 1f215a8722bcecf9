import {
  jsonToProto,
  LogsBatch,
  LogsBuilder,
  MetricsBatch,
  ProfilesBatch,
  TracesBatch,
  type AttributesView,
  type Signal,
} from '@millrace/otlp';
import type { ContextName } from '../context/context-name.ts';
import type { Example, Telemetry } from '../function/example.ts';
import type { Value } from '../value/value.ts';
import { encodeValue } from '../value/wire-value.ts';

export type Batch = LogsBatch | TracesBatch | MetricsBatch | ProfilesBatch;

/** Calls `visit` for each thing that statements of this context run on, with what `run` takes. */
export function forEach(
  batch: Batch,
  context: ContextName,
  visit: (view: unknown, parent?: unknown, index?: number) => void,
): void {
  if (context === 'resource') for (const resource of batch.resources) visit(resource);
  else if (context === 'scope') {
    for (const resource of batch.resources) for (const scope of resource.scopes) visit(scope);
  } else if (batch instanceof LogsBatch) for (const record of batch.records) visit(record);
  else if (batch instanceof TracesBatch) forEachOfTraces(batch, context, visit);
  else if (batch instanceof ProfilesBatch) forEachOfProfiles(batch, context, visit);
  else if (context === 'metric') for (const metric of batch.metrics) visit(metric);
  else
    for (const point of batch.dataPoints) {
      if (context === 'datapoint') visit(point);
      else if (point.type !== 'summary') for (const exemplar of point.exemplars) visit(exemplar, point);
    }
}

function forEachOfTraces(
  batch: TracesBatch,
  context: ContextName,
  visit: (view: unknown, parent?: unknown, index?: number) => void,
): void {
  for (const span of batch.spans) {
    let index = 0;
    if (context === 'spanevent') for (const event of span.events) visit(event, span, index++);
    else if (context === 'spanlink') for (const link of span.links) visit(link, span, index++);
    else visit(span);
  }
}

function forEachOfProfiles(
  batch: ProfilesBatch,
  context: ContextName,
  visit: (view: unknown, parent?: unknown) => void,
): void {
  for (const profile of batch.profiles) {
    if (context === 'profile') visit(profile);
    else for (const sample of profile.samples) visit(sample, profile);
  }
}

export function signalOf(context: ContextName): Signal {
  if (context.startsWith('span')) return 'traces';
  if (context.startsWith('profile')) return 'profiles';
  return context === 'metric' || context === 'datapoint' || context === 'exemplar' ? 'metrics' : 'logs';
}

export function batchOf(signal: Signal, bytes: Uint8Array): Batch {
  if (signal === 'logs') return LogsBatch.of([bytes]);
  if (signal === 'profiles') return ProfilesBatch.of([bytes]);
  return signal === 'traces' ? TracesBatch.of([bytes]) : MetricsBatch.of([bytes]);
}

/** The telemetry of an example. */
export function makeTelemetry(given: Telemetry, context: ContextName): Batch {
  const signal = signalOf(context);
  if (given.otlp !== undefined) return batchOf(signal, jsonToProto(signal, JSON.stringify(given.otlp)));
  const builder = new LogsBuilder();
  const resource = builder.addResource();
  putAll(resource.attributes, given.resource);
  const scope = resource.addScope();
  putAll(scope.attributes, given.scope);
  const record = scope.addRecord();
  if (given.severityNumber !== undefined) record.severityNumber = given.severityNumber;
  if (given.severityText !== undefined) record.severityText = given.severityText;
  if (given.body !== undefined) record.bodyField.raw = encodeValue(given.body);
  putAll(record.attributes, given.attributes);
  return LogsBatch.of([builder.toBytes()]);
}

function putAll(attributes: Pick<AttributesView, 'setRaw'>, values: Readonly<Record<string, Value>> = {}): void {
  for (const [key, value] of Object.entries(values)) attributes.setRaw(key, encodeValue(value));
}

export function contextOf(example: Example): ContextName {
  return example.context ?? 'log';
}
