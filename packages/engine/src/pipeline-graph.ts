import type { Signal } from '@millrace/api';
import type { ResolvedComponent, ResolvedConfig, ResolvedPipeline } from '@millrace/config';
import type { DeliverySettings, SendingQueueSettings } from '@millrace/delivery';
import type { Branch, Output, Plan, Priority, StepSpec } from '@millrace/workers';
import { queueOf } from './connector-queue.ts';
import { type DeadLetterPlan, planDeadLetters } from './dead-letter-plan.ts';
import { probeDecoder, probeEncoder, probeJunction, probeTransform } from './step-probe.ts';

/**
 * The configured pipelines, cut into stages. A stage is a run of pure steps that is ground in one worker task; it
 * begins at a receiver or behind a stateful component, and ends at exporters and stateful components.
 */
export interface PipelineGraph {
  /** Downstream ones first. */
  readonly stages: readonly StageSpec[];
  /** One for each stateful processor in each pipeline, and for each pair of signals of each stateful connector. */
  readonly stateful: readonly StatefulSpec[];
  /** Plans that only merge and encode, for exporters that batch in their queue; by exporter id and signal. */
  readonly encodes: readonly EncodeSpec[];
  readonly gates: readonly GateSpec[];
  readonly deadLetters: DeadLetterPlan;
  /** Plans that only decode what a receiver was given, for what is left in a dead letter; by the id of its stage's plan. */
  readonly decodes: ReadonlyMap<string, Plan>;
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

export type StatefulSpec = StatefulProcessorSpec | StatefulConnectorSpec;

export interface StatefulProcessorSpec {
  readonly kind: 'processor';
  /** `<pipeline>:<processor id>`. */
  readonly key: string;
  readonly component: ResolvedComponent<'processor'>;
  readonly pipeline: ResolvedPipeline;
}

export interface StatefulConnectorSpec {
  readonly kind: 'connector';
  /** `<connector id>:<from>><to>`. */
  readonly key: string;
  readonly component: ResolvedComponent<'connector'>;
  readonly from: Signal;
  readonly to: Signal;
  /** Each has a stage of its own, so that the connector can choose, and hears what became of each. */
  readonly pipelines: readonly ResolvedPipeline[];
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
  readonly #decodes = new Map<string, Plan>();
  readonly #deadLetters: DeadLetterPlan;

  constructor(config: ResolvedConfig) {
    this.#config = config;
    this.#deadLetters = planDeadLetters(config);
  }

  build(): PipelineGraph {
    for (const receiver of this.#config.receivers.values()) {
      for (const signal of receiver.definition.signals) this.#addReceiverStage(receiver, signal);
    }
    for (const target of [this.#deadLetters.service, ...this.#deadLetters.exporters.values()]) {
      if (target?.to === 'exporter') this.#addEncodes(target.id);
    }
    return {
      stages: this.#stages,
      stateful: [...this.#stateful.values()],
      encodes: [...this.#encodes.values()],
      gates: [...this.#gates.values()],
      deadLetters: this.#deadLetters,
      decodes: this.#decodes,
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
    if (this.#deadLetters.service !== undefined) this.#decodes.set(plan.id, decodePlan(plan));
    this.#stages.push({
      plan,
      entry: { from: 'receiver', id: receiver.id },
      leaves: stage.leaves,
      gates: [...stage.gates],
      priority: stage.priority(pipelines),
    });
  }

  /** A stage behind a stateful component: a pipeline from one of its processors on. */
  #addStatefulStage(id: string, key: string, pipeline: ResolvedPipeline, from: number): void {
    const stage = new StageBuilder();
    const branch = this.#branch(pipeline, from, stage);
    this.#stages.push({
      plan: {
        id,
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
    const outputs = pipeline.exporters.flatMap((id) => this.#outputs(id, pipeline, stage));
    return { pipeline: pipeline.id, signal: pipeline.signal, transforms, outputs };
  }

  #cutAt(pipeline: ResolvedPipeline, index: number, component: ResolvedComponent<'processor'>, stage: StageBuilder) {
    const { id, signal } = pipeline;
    const key = `${id}:${component.id}`;
    if (!this.#stateful.has(key)) {
      this.#stateful.set(key, { kind: 'processor', key, component, pipeline });
      this.#addStatefulStage(key, key, pipeline, index + 1);
    }
    stage.takeGates(this.#stagesBehind(key));
    return { pipeline: id, signal, outputs: [leafInto(key, signal, stage)] };
  }

  #outputs(id: string, pipeline: ResolvedPipeline, stage: StageBuilder): Output[] {
    const exporter = this.#config.exporters.get(id);
    if (exporter !== undefined) return [this.#exporterOutput(exporter, pipeline.signal, stage)];
    const connector = this.#config.connectors.get(id) as ResolvedComponent<'connector'>;
    const targets = connector.definition.routes
      .filter(({ from }) => from === pipeline.signal)
      .map(({ from, to }) => ({ from, to, pipelines: this.#pipelinesFrom(id, to) }))
      .filter(({ pipelines }) => pipelines.length > 0);
    if (connector.definition.stateful !== undefined) {
      return targets.map((target) => this.#intoConnector({ component: connector, ...target }, stage));
    }
    stage.usesContext ||= connector.definition.usesContext?.(connector.config) === true;
    const receiving = targets.flatMap(({ pipelines }) => pipelines.map((next) => next.id));
    probeJunction(connector, pipeline.signal, receiving);
    return [
      {
        to: 'junction',
        junction: step('junction', connector, pipeline.signal),
        branches: targets.flatMap(({ pipelines }) => pipelines.map((next) => this.#branch(next, 0, stage))),
      },
    ];
  }

  #intoConnector(ends: Omit<StatefulConnectorSpec, 'kind' | 'key'>, stage: StageBuilder): Output {
    const { component, from, to, pipelines } = ends;
    const key = `${component.id}:${from}>${to}`;
    if (!this.#stateful.has(key)) {
      this.#stateful.set(key, { kind: 'connector', key, ...ends });
      for (const pipeline of pipelines) {
        this.#addStatefulStage(stageIdBehind(key, pipeline.id), key, pipeline, 0);
      }
    }
    const behind = this.#stagesBehind(key);
    stage.takeGates(behind);
    const isPassedOn = component.definition.stateful?.acknowledges === 'delivered';
    stage.usesContext ||= isPassedOn && behind.some(({ plan }) => plan.keepContexts);
    // A queue keeps payloads in one piece.
    return { ...leafInto(key, from, stage), contiguous: queueOf(component) !== undefined };
  }

  #stagesBehind(key: string): StageSpec[] {
    return this.#stages.filter(({ entry }) => entry.from === 'stateful' && entry.key === key);
  }

  #exporterOutput(exporter: ResolvedComponent<'exporter'>, signal: Signal, stage: StageBuilder): Output {
    const leaf = stage.leaf({ to: 'exporter', id: exporter.id, signal });
    const encoder = probeEncoder(exporter) ? step('encoder', exporter, signal) : undefined;
    // A dead letter keeps what was not encoded.
    const keepsSource = encoder !== undefined && this.#deadLetters.exporters.has(exporter.id);
    if (!keepsSource && !encodesBehindQueue(exporter.config, signal)) {
      return { to: 'leaf', leaf, encoder, contiguous: true };
    }
    this.#addEncode(exporter, signal);
    return { to: 'leaf', leaf, encoder: undefined, contiguous: false };
  }

  /** What others leave to an exporter comes in batches. */
  #addEncodes(id: string): void {
    const exporter = this.#config.exporters.get(id) as ResolvedComponent<'exporter'>;
    for (const signal of this.#deadLetters.signals.get(id) ?? []) this.#addEncode(exporter, signal);
  }

  #addEncode(exporter: ResolvedComponent<'exporter'>, signal: Signal): void {
    const id = encodePlanId(exporter.id, signal);
    if (this.#encodes.has(id)) return;
    const encoder = probeEncoder(exporter) ? step('encoder', exporter, signal) : undefined;
    this.#encodes.set(id, { exporter: exporter.id, signal, plan: encodePlan(id, signal, encoder) });
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

  /** Whatever gets into this stage comes to these ones, too. */
  takeGates(behind: readonly StageSpec[]): void {
    for (const { gates } of behind) for (const gate of gates) this.gates.add(gate);
  }

  /** The most urgent of the pipelines that share the stage. */
  priority(pipelines: readonly ResolvedPipeline[]): Priority {
    if (pipelines.some((pipeline) => pipeline.priority === 'high')) return 'high';
    return pipelines.every((pipeline) => pipeline.priority === 'backlog') ? 'backlog' : 'normal';
  }
}

/** Id of the stage that begins behind a stateful connector, in one of its receiving pipelines. */
export function stageIdBehind(key: string, pipeline: string): string {
  return `${key}:${pipeline}`;
}

function leafInto(key: string, signal: Signal, stage: StageBuilder): Extract<Output, { to: 'leaf' }> {
  const leaf = stage.leaf({ to: 'stateful', key, signal });
  return { to: 'leaf', leaf, encoder: undefined, contiguous: false };
}

function step(role: StepSpec['role'], component: ResolvedComponent, signal: Signal): StepSpec {
  const { id, definition, config } = component;
  return { role, id, type: definition.type, signal, module: component.module ?? '', config };
}

/** Id of the plan that merges and encodes what waited in an exporter's queue. */
export function encodePlanId(exporter: string, signal: Signal): string {
  return `encode:${exporter}/${signal}`;
}

/** The part of a receiver's plan that comes before its pipelines. */
function decodePlan({ id, signal, decoder, validate }: Plan): Plan {
  const outputs: Output[] = [{ to: 'leaf', leaf: 0, encoder: undefined, contiguous: false }];
  const branches = [{ pipeline: '', signal, transforms: [], outputs }];
  return { id: `decode:${id}`, signal, decoder, validate, keepContexts: false, branches };
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

/**
 * Whether encoding comes after the queue: because `sending_queue.batch` merges what waits, or because what is stored is
 * OTLP, whatever the encoding of the next configuration.
 */
function encodesBehindQueue(config: unknown, signal: Signal): boolean {
  const queue = (config as Pick<DeliverySettings, 'sending_queue'>).sending_queue;
  return queue?.enabled === true && (queue.storage !== undefined || mergesInQueue(queue, signal));
}

/** Whether `sending_queue.batch` holds; requests of profiles cannot be merged, as each has a dictionary of its own. */
export function mergesInQueue(queue: SendingQueueSettings, signal: Signal): boolean {
  return queue.batch !== undefined && signal !== 'profiles';
}
