import type { Signal } from '@millrace/api';
import type { ResolvedComponent, ResolvedConfig, ResolvedPipeline } from '@millrace/config';
import type { Branch, Output, Plan, Priority, StepSpec } from '@millrace/workers';
import { probeDecoder, probeEncoder, probeJunction, probeTransform } from './step-probe.ts';

/**
 * The configured pipelines, cut into stages. A stage is a run of pure steps that is ground in one worker task; it
 * begins at a receiver or behind a stateful processor, and ends at exporters and stateful processors.
 */
export interface PipelineGraph {
  readonly stages: readonly StageSpec[];
  /** One for each stateful processor in each pipeline. */
  readonly stateful: readonly StatefulSpec[];
  /** Plans that only merge and encode, for exporters that batch in their queue; by exporter id and signal. */
  readonly encodes: readonly EncodeSpec[];
  readonly gates: readonly GateSpec[];
}

export interface StageSpec {
  readonly plan: Plan;
  readonly entry: Entry;
  /** What each leaf index of the plan stands for. */
  readonly leaves: readonly LeafSpec[];
  /** Keys of the gates that data of this stage has to pass; only for receivers. */
  readonly gates: readonly string[];
  readonly priority: Priority;
}

export type Entry =
  { readonly from: 'receiver'; readonly id: string } | { readonly from: 'stateful'; readonly key: string };

export type LeafSpec =
  | { readonly to: 'exporter'; readonly id: string; readonly signal: Signal }
  | { readonly to: 'stateful'; readonly key: string; readonly signal: Signal };

export interface StatefulSpec {
  /** `<pipeline>:<processor id>`. */
  readonly key: string;
  readonly component: ResolvedComponent<'processor'>;
  readonly pipeline: ResolvedPipeline;
}

export interface GateSpec {
  readonly key: string;
  readonly component: ResolvedComponent<'processor'>;
}

export interface EncodeSpec {
  readonly exporter: string;
  readonly signal: Signal;
  readonly plan: Plan;
}

/** Builds the graph of a checked configuration. Throws a ComponentError where a step cannot be made. */
export function buildGraph(config: ResolvedConfig): PipelineGraph {
  return new GraphBuilder(config).build();
}

class GraphBuilder {
  readonly #config: ResolvedConfig;
  readonly #stages: StageSpec[] = [];
  readonly #stateful = new Map<string, StatefulSpec>();
  readonly #gates = new Map<string, GateSpec>();
  readonly #encodes = new Map<string, EncodeSpec>();

  constructor(config: ResolvedConfig) {
    this.#config = config;
  }

  build(): PipelineGraph {
    for (const receiver of this.#config.receivers.values()) {
      for (const signal of receiver.definition.signals) this.#addReceiverStage(receiver, signal);
    }
    return {
      stages: this.#stages,
      stateful: [...this.#stateful.values()],
      encodes: [...this.#encodes.values()],
      gates: [...this.#gates.values()],
    };
  }

  #addReceiverStage(receiver: ResolvedComponent<'receiver'>, signal: Signal): void {
    const pipelines = this.#pipelinesFrom(receiver.id, signal);
    if (pipelines.length === 0) return;
    const stage = new StageBuilder();
    const branches = pipelines.map((pipeline) => this.#branch(pipeline, 0, stage));
    const decodes = probeDecoder(receiver);
    const plan: Plan = {
      id: `${receiver.id}/${signal}`,
      signal,
      decoder: decodes ? step('decoder', receiver, signal) : undefined,
      validate: true,
      keepContexts: stage.usesContext,
      branches,
    };
    this.#stages.push({
      plan,
      entry: { from: 'receiver', id: receiver.id },
      leaves: stage.leaves,
      gates: [...stage.gates],
      priority: stage.priority(pipelines),
    });
  }

  /** The stage behind a stateful processor; made once, when the first branch reaches it. */
  #addStatefulStage(pipeline: ResolvedPipeline, index: number, key: string, upstream: StageBuilder): void {
    const stage = new StageBuilder();
    const branch = this.#branch(pipeline, index + 1, stage);
    for (const gate of stage.gates) upstream.gates.add(gate);
    this.#stages.push({
      plan: {
        id: key,
        signal: pipeline.signal,
        decoder: undefined,
        validate: false,
        keepContexts: stage.usesContext,
        branches: [branch],
      },
      entry: { from: 'stateful', key },
      leaves: stage.leaves,
      gates: [...stage.gates],
      priority: stage.priority([pipeline]),
    });
  }

  #branch(pipeline: ResolvedPipeline, from: number, stage: StageBuilder): Branch {
    const transforms: StepSpec[] = [];
    for (let index = from; index < pipeline.processors.length; index++) {
      const processor = this.#processor(pipeline.processors[index]);
      const { gate, stateful } = processor.definition;
      stage.usesContext ||= processor.definition.usesContext?.(processor.config) === true;
      if (gate !== undefined) {
        this.#gates.set(processor.id, { key: processor.id, component: processor });
        stage.gates.add(processor.id);
      } else if (stateful !== undefined) {
        return { ...this.#cutAt(pipeline, index, processor, stage), transforms };
      } else {
        probeTransform(processor, pipeline.signal);
        transforms.push(step('transform', processor, pipeline.signal));
      }
    }
    const outputs = pipeline.exporters.map((id) => this.#output(id, pipeline, stage));
    return { pipeline: pipeline.id, signal: pipeline.signal, transforms, outputs };
  }

  #cutAt(pipeline: ResolvedPipeline, index: number, processor: ResolvedComponent<'processor'>, stage: StageBuilder) {
    const key = `${pipeline.id}:${processor.id}`;
    if (!this.#stateful.has(key)) {
      this.#stateful.set(key, { key, component: processor, pipeline });
      this.#addStatefulStage(pipeline, index, key, stage);
    } else {
      const built = this.#stages.find((other) => other.entry.from === 'stateful' && other.entry.key === key);
      for (const gate of built?.gates ?? []) stage.gates.add(gate);
    }
    const leaf = stage.leaf({ to: 'stateful', key, signal: pipeline.signal });
    const output: Output = { to: 'leaf', leaf, encoder: undefined, contiguous: false };
    return { pipeline: pipeline.id, signal: pipeline.signal, outputs: [output] };
  }

  #output(id: string, pipeline: ResolvedPipeline, stage: StageBuilder): Output {
    const exporter = this.#config.exporters.get(id);
    if (exporter !== undefined) return this.#exporterOutput(exporter, pipeline.signal, stage);
    const connector = this.#config.connectors.get(id) as ResolvedComponent<'connector'>;
    probeJunction(connector, pipeline.signal);
    const targets = connector.definition.routes.filter((route) => route.from === pipeline.signal);
    const receiving = targets.flatMap((route) => this.#pipelinesFrom(id, route.to));
    return {
      to: 'junction',
      junction: step('junction', connector, pipeline.signal),
      branches: receiving.map((next) => this.#branch(next, 0, stage)),
    };
  }

  #exporterOutput(exporter: ResolvedComponent<'exporter'>, signal: Signal, stage: StageBuilder): Output {
    const leaf = stage.leaf({ to: 'exporter', id: exporter.id, signal });
    const encoder = probeEncoder(exporter) ? step('encoder', exporter, signal) : undefined;
    if (!batchesInQueue(exporter.config, signal)) return { to: 'leaf', leaf, encoder, contiguous: true };
    const key = `${exporter.id}/${signal}`;
    if (!this.#encodes.has(key)) {
      this.#encodes.set(key, {
        exporter: exporter.id,
        signal,
        plan: encodePlan(encodePlanId(exporter.id, signal), signal, encoder),
      });
    }
    return { to: 'leaf', leaf, encoder: undefined, contiguous: false };
  }

  #pipelinesFrom(receiver: string, signal: Signal): ResolvedPipeline[] {
    return [...this.#config.pipelines.values()].filter(
      (pipeline) => pipeline.signal === signal && pipeline.receivers.includes(receiver),
    );
  }

  #processor(id: string): ResolvedComponent<'processor'> {
    return this.#config.processors.get(id) as ResolvedComponent<'processor'>;
  }
}

/** What the branches of one stage have in common. */
class StageBuilder {
  readonly leaves: LeafSpec[] = [];
  readonly gates = new Set<string>();
  usesContext = false;

  leaf(spec: LeafSpec): number {
    this.leaves.push(spec);
    return this.leaves.length - 1;
  }

  /** The most urgent of the pipelines that share the stage. */
  priority(pipelines: readonly ResolvedPipeline[]): Priority {
    if (pipelines.some((pipeline) => pipeline.priority === 'high')) return 'high';
    return pipelines.every((pipeline) => pipeline.priority === 'backlog') ? 'backlog' : 'normal';
  }
}

function step(role: StepSpec['role'], component: ResolvedComponent, signal: Signal): StepSpec {
  const { id, definition, config } = component;
  return { role, id, type: definition.type, signal, module: component.module ?? '', config };
}

/** Id of the plan that merges and encodes what waited in an exporter's queue. */
export function encodePlanId(exporter: string, signal: Signal): string {
  return `encode:${exporter}/${signal}`;
}

function encodePlan(id: string, signal: Signal, encoder: StepSpec | undefined): Plan {
  const branch: Branch = {
    pipeline: '',
    signal,
    transforms: [],
    outputs: [{ to: 'leaf', leaf: 0, encoder, contiguous: true }],
  };
  return { id, signal, decoder: undefined, validate: false, keepContexts: false, branches: [branch] };
}

/** Whether `sending_queue.batch` merges what waits, so that encoding has to come after the queue. */
function batchesInQueue(config: unknown, signal: Signal): boolean {
  const queue = (config as { sending_queue?: { enabled: boolean; batch?: object } }).sending_queue;
  // Requests of profiles cannot be merged: each has a dictionary of its own.
  return signal !== 'profiles' && queue?.enabled === true && queue.batch !== undefined;
}
