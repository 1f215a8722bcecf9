import { ComponentError, type Signal } from '@millrace/api';
import { defineExporter, defineReceiver, type Definition, SIGNALS, Type } from '@millrace/api';
import { didYouMeanOf, type ResolvedComponent, type ResolvedConfig, type ResolvedPipeline } from '@millrace/config';
import { firstReceiver } from '../first-receiver.ts';
import type { Subject } from './suite.ts';

/** The part of a configuration that a test is about, with a receiver in front and exporters behind. */
export interface Excerpt {
  readonly config: ResolvedConfig;
  /** Where a signal is fed unless the test says where. */
  readonly receiverFor: (signal: Signal) => string | undefined;
  /** What expectations may name. */
  readonly outputs: readonly string[];
}

const INPUT = 'input';
/** The one way out of a pipeline or a processor under test. */
export const OUTPUT = 'output';

/** Cuts out what a test is about. `signals` are those that it feeds. Throws a ComponentError where there is no such thing. */
export function excerptOf(config: ResolvedConfig, subject: Subject, signals: ReadonlySet<Signal>): Excerpt {
  switch (subject.kind) {
    case 'config':
      return wholeConfig(config);
    case 'pipeline':
      return onePipeline(config, subject.id);
    case 'component':
      return config.connectors.has(subject.id)
        ? oneConnector(config, subject.id)
        : oneProcessor(config, subject.id, signals);
  }
}

function wholeConfig(config: ResolvedConfig): Excerpt {
  const receiverFor = (signal: Signal) => firstReceiver(config, signal);
  return { config, receiverFor, outputs: [...config.exporters.keys()] };
}

function onePipeline(config: ResolvedConfig, id: string): Excerpt {
  const pipeline = config.pipelines.get(id);
  if (pipeline === undefined) throw unknown('pipeline', id, [...config.pipelines.keys()]);
  return between(config, [{ ...pipeline, receivers: [INPUT], exporters: [OUTPUT] }], [OUTPUT]);
}

function oneProcessor(config: ResolvedConfig, id: string, signals: ReadonlySet<Signal>): Excerpt {
  const processor = config.processors.get(id);
  if (processor === undefined) {
    throw unknown('processor or connector', id, [...config.processors.keys(), ...config.connectors.keys()]);
  }
  const ends = { processors: [id], receivers: [INPUT], exporters: [OUTPUT], location: processor.location };
  const pipelines = [...signals].map((signal) => ({ id: signal, signal, priority: 'normal' as const, ...ends }));
  return between(config, pipelines, [OUTPUT]);
}

/** Each pipeline behind it is an output of its name. */
function oneConnector(config: ResolvedConfig, id: string): Excerpt {
  const all = [...config.pipelines.values()];
  const bySignal = Map.groupBy(
    all.filter(({ exporters }) => exporters.includes(id)),
    ({ signal }) => signal,
  );
  const before = [...bySignal.values()].map(([pipeline]) => ({
    ...pipeline,
    receivers: [INPUT],
    processors: [],
    exporters: [id],
  }));
  const behind = all
    .filter(({ receivers }) => receivers.includes(id))
    .map((pipeline) => ({ ...pipeline, receivers: [id], processors: [], exporters: [pipeline.id] }));
  const outputs = behind.map((pipeline) => pipeline.id);
  return between(config, [...before, ...behind], outputs);
}

function between(config: ResolvedConfig, pipelines: readonly ResolvedPipeline[], outputs: readonly string[]): Excerpt {
  const { deadLetter: _, ...service } = config.service;
  return {
    config: {
      ...config,
      receivers: new Map([[INPUT, standIn('receiver', INPUT, INPUT_DEFINITION)]]),
      exporters: new Map(outputs.map((id) => [id, standIn('exporter', id, OUTPUT_DEFINITION)])),
      pipelines: new Map(pipelines.map((pipeline) => [pipeline.id, pipeline])),
      service,
    },
    receiverFor: (signal) => (pipelines.some((pipeline) => pipeline.signal === signal) ? INPUT : undefined),
    outputs,
  };
}

function standIn<K extends 'receiver' | 'exporter'>(kind: K, id: string, definition: Definition<K>) {
  const component: ResolvedComponent<K> = {
    kind,
    id,
    type: definition.type,
    definition,
    module: undefined,
    config: {},
    location: 'test',
  };
  return component;
}

const INPUT_DEFINITION = defineReceiver({
  type: INPUT,
  summary: 'Takes what a test feeds.',
  stability: 'development',
  signals: SIGNALS,
  config: Type.Object({}),
  examples: [],
  create: () => ({}),
}) as Definition<'receiver'>;

const OUTPUT_DEFINITION = defineExporter({
  type: OUTPUT,
  summary: 'Shows a test what comes out.',
  stability: 'development',
  signals: SIGNALS,
  config: Type.Object({}),
  examples: [],
  create: () => ({ send: () => Promise.resolve() }),
}) as Definition<'exporter'>;

function unknown(what: string, id: string, known: readonly string[]): ComponentError {
  const remedy = didYouMeanOf(id, known, 'in the configuration');
  return new ComponentError(`the configuration has no ${what} "${id}"`, { code: 'SUBJECT_UNKNOWN', remedy });
}
