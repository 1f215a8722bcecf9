import type { ConnectorOutput, Definition, Junction, OpenBatch, StatefulComponent, Transform } from '@millrace/api';
import { loadConfigObject } from '@millrace/config';
import type { LoadSignal } from '@millrace/load';
import { type Allocate, LogsBatch, MetricsBatch, TracesBatch } from '@millrace/otlp';
import { parse } from 'yaml';
import { PluginRegistry } from '../../packages/millrace/src/registry.ts';
import { PIPELINES, PlainBatch, PlainHost, QUIET } from './plain-host.ts';

/** Gives a request to a component; what comes out where it is pure is valid until the next call. */
export type Run = (request: Uint8Array) => Uint8Array | Promise<void>;

/** Makes components of their settings, with all defaults, as a collector does. The settings are entries of a configuration. */
export async function componentRuns(
  kind: 'processor' | 'connector',
  entries: readonly { readonly yaml: string; readonly signal: LoadSignal }[],
): Promise<readonly Run[]> {
  const settings = entries.map(({ yaml }) => parse(yaml) as Readonly<Record<string, unknown>>);
  const ids = settings.map((each) => Object.keys(each)[0]);
  const around = {
    receivers: { nop: {} },
    exporters: { nop: {} },
    service: { pipelines: { logs: { receivers: ['nop'], exporters: ['nop'] } } },
  };
  const configuration = { ...around, [`${kind}s`]: Object.assign({}, ...settings) as object };
  const { config } = await loadConfigObject(configuration, { registry: new PluginRegistry() });
  return Promise.all(
    entries.map(async ({ signal }, index) => {
      const found = (kind === 'processor' ? config.processors : config.connectors).get(ids[index]);
      if (found === undefined) throw new Error(`${ids[index]} was not loaded`);
      return kind === 'processor'
        ? processorRun(found.definition as Definition<'processor'>, found.config, signal)
        : connectorRun(found.definition as Definition<'connector'>, found.config, signal);
    }),
  );
}

/** Longer than components wait with what they hold. */
const PAUSE_MS = 60_000;

async function processorRun(found: Definition<'processor'>, config: unknown, signal: LoadSignal): Promise<Run> {
  if (found.create !== undefined) return transformRun(found.create(config, QUIET), signal);
  return statefulRun(signal, (host) => found.stateful?.create(config, host));
}

async function connectorRun(found: Definition<'connector'>, config: unknown, signal: LoadSignal): Promise<Run> {
  if (found.create !== undefined) return junctionRun(found.create(config, QUIET), signal);
  return statefulRun(signal, (host) => found.stateful?.create(config, host));
}

async function statefulRun(
  signal: LoadSignal,
  create: (host: PlainHost) => StatefulComponent | undefined,
): Promise<Run> {
  const host = new PlainHost(signal);
  const component = create(host) as StatefulComponent;
  await component.start?.();
  return (request) => {
    const taken = component.consume(new PlainBatch(signal, [request]));
    host.clock.step(PAUSE_MS);
    return taken;
  };
}

function transformRun(transform: Transform, signal: LoadSignal): Run {
  return (request) => {
    const batch = batchOf(signal, request);
    apply(transform, batch, NOWHERE);
    return batch.toBytes();
  };
}

function junctionRun(junction: Junction, signal: LoadSignal): Run {
  return (request) => {
    let bytes = request;
    const emit = (batch: OpenBatch): void => void (bytes = batch.toBytes());
    apply(junction, batchOf(signal, request), { emit, pipelines: PIPELINES });
    return bytes;
  };
}

/** Transforms put nothing anywhere. */
const NOWHERE: ConnectorOutput = { emit: () => undefined, pipelines: [] };

function apply(step: Transform | Junction, batch: OpenBatch, out: ConnectorOutput): void {
  if (batch instanceof LogsBatch) step.logs?.(batch, out);
  else if (batch instanceof TracesBatch) step.traces?.(batch, out);
  else if (batch instanceof MetricsBatch) step.metrics?.(batch, out);
}

/** One memory for all output, as the engine gives; nothing that is written is kept. */
let memory = new Uint8Array(1 << 20);
const allocate: Allocate = (byteLength) => {
  if (memory.length < byteLength) memory = new Uint8Array(byteLength * 2);
  return memory;
};

/** A batch to walk over. */
export function batchOf(signal: LoadSignal, request: Uint8Array): LogsBatch | TracesBatch | MetricsBatch {
  if (signal === 'logs') return LogsBatch.of([request], { allocate });
  return signal === 'traces' ? TracesBatch.of([request], { allocate }) : MetricsBatch.of([request], { allocate });
}
