import {
  type Batch,
  type DeliveryError,
  type Gate,
  type Lifecycle,
  permanent,
  type ReceiverHost,
  type Signal,
} from '@millrace/api';
import type { ResolvedComponent, ResolvedConfig } from '@millrace/config';
import type { JobSpec, Mill } from '@millrace/workers';
import { ConnectorNode } from './connector-node.ts';
import { splitBatch } from './cut-batch.ts';
import { ExporterNode } from './exporter-node.ts';
import { type Guarantee, guaranteeBehind, weaknessOf } from './guarantee.ts';
import { hostOf, storageOf, type Surroundings } from './host-factory.ts';
import {
  type PipelineGraph,
  stageIdBehind,
  type StatefulConnectorSpec,
  type StatefulProcessorSpec,
  type StatefulSpec,
} from './pipeline-graph.ts';
import { ProcessorNode } from './processor-node.ts';
import { ReceiverIntake } from './receiver-intake.ts';
import { RegionBatch } from './region-batch.ts';
import { type LeafTarget, Stage } from './stage.ts';
import { attempt } from './step-probe.ts';
import { StorageNode } from './storage-node.ts';
import type { StatefulNode } from './stateful-node.ts';
import { ConnectorMetrics } from './telemetry/connector-metrics.ts';
import { GrindMetrics } from './telemetry/grind-metrics.ts';
import { ProcessorMetrics } from './telemetry/processor-metrics.ts';

/** Everything that a collector is made of. Nothing in it has been started. */
export interface Assembly {
  /** By id, in the order in which they start. */
  readonly extensions: Map<string, Lifecycle>;
  readonly exporters: ReadonlyMap<string, ExporterNode>;
  /** By processor id. */
  readonly gates: ReadonlyMap<string, Gate>;
  /** By key; downstream ones first. */
  readonly stateful: ReadonlyMap<string, StatefulNode>;
  readonly stages: ReadonlyMap<string, Stage>;
  readonly intakes: readonly ReceiverIntake[];
  /** By id. */
  readonly receivers: ReadonlyMap<string, Lifecycle>;
}

/** Makes every component that some pipeline uses, and joins them up. `extensions` is filled first: hosts show it. */
export function assemble(options: {
  readonly config: ResolvedConfig;
  readonly graph: PipelineGraph;
  readonly around: Surroundings;
  readonly mill: Mill;
  readonly extensions: Map<string, Lifecycle>;
}): Assembly {
  return new Assembler(options).assemble();
}

class Assembler {
  readonly #config: ResolvedConfig;
  readonly #graph: PipelineGraph;
  readonly #around: Surroundings;
  readonly #mill: Mill;
  readonly #extensions: Map<string, Lifecycle>;
  readonly #exporters = new Map<string, ExporterNode>();
  readonly #gates = new Map<string, Gate>();
  readonly #stateful = new Map<string, StatefulNode>();
  readonly #stages = new Map<string, Stage>();
  readonly #intakes: ReceiverIntake[] = [];
  readonly #receivers = new Map<string, Lifecycle>();

  constructor(options: Parameters<typeof assemble>[0]) {
    this.#config = options.config;
    this.#graph = options.graph;
    this.#around = options.around;
    this.#mill = options.mill;
    this.#extensions = options.extensions;
  }

  assemble(): Assembly {
    this.#makeExtensions();
    this.#makeExporters();
    this.#makeGates();
    this.#makeStages();
    this.#makeReceivers();
    return {
      extensions: this.#extensions,
      exporters: this.#exporters,
      gates: this.#gates,
      stateful: this.#stateful,
      stages: this.#stages,
      intakes: this.#intakes,
      receivers: this.#receivers,
    };
  }

  #makeExtensions(): void {
    for (const id of this.#config.service.extensions) {
      const component = this.#config.extensions.get(id) as ResolvedComponent<'extension'>;
      const host = { ...hostOf(this.#around, 'extension', id), collector: this.#around.status };
      const lifecycle = attempt(component, () => component.definition.create(component.config, host));
      const { telemetry, machine } = this.#around;
      const isStorage = component.definition.storage !== undefined;
      this.#extensions.set(
        id,
        isStorage ? new StorageNode({ component, lifecycle, host, telemetry, machine }) : lifecycle,
      );
    }
  }

  #makeExporters(): void {
    const leaves = this.#graph.stages.flatMap((stage) => stage.leaves);
    for (const component of this.#config.exporters.values()) {
      const own = leaves.filter((leaf) => leaf.to === 'exporter' && leaf.id === component.id);
      if (own.length === 0) continue;
      const job = (name: string): JobSpec => ({
        module: component.module ?? '',
        type: component.definition.type,
        job: name,
      });
      const host = {
        ...hostOf(this.#around, 'exporter', component.id),
        run: (name: string, input: Uint8Array, params: unknown) => this.#mill.run(job(name), input, params),
      };
      const signals = new Set(own.map(({ signal }) => signal));
      const { arena, extensions, stalls, machine } = this.#around;
      const { random } = machine;
      const storage = (id: string) => storageOf(extensions, id);
      const settings = { component, host, signals, mill: this.#mill, arena, storage, stalls, random };
      const node = attempt(component, () => new ExporterNode(settings));
      this.#exporters.set(component.id, node);
    }
  }

  #makeGates(): void {
    for (const { key, component } of this.#graph.gates) {
      const gate = component.definition.gate as NonNullable<typeof component.definition.gate>;
      const host = hostOf(this.#around, 'processor', component.id);
      this.#gates.set(
        key,
        attempt(component, () => gate.create(component.config, host)),
      );
    }
  }

  /** Downstream first, which is the order of the graph's list: a stage needs what stands behind it. */
  #makeStages(): void {
    const guarantees = new Map<string, Guarantee>([...this.#exporters].map(([id, node]) => [id, node.guarantee]));
    const processors = new ProcessorMetrics(this.#around.telemetry);
    const metrics = new GrindMetrics(this.#around.telemetry, processors);
    const statefulOf = (key: string) => {
      const made = this.#stateful.get(key) ?? this.#makeStateful(key, { guarantees, processors });
      this.#stateful.set(key, made);
      return made;
    };
    for (const spec of this.#graph.stages) {
      const targets = spec.leaves.map((leaf) =>
        leaf.to === 'exporter'
          ? (this.#exporters.get(leaf.id) as ExporterNode).target(leaf.signal)
          : this.#watched(statefulOf(leaf.key)),
      );
      const { entry } = spec;
      const isAnswered = entry.from === 'stateful' && this.#isAnswered(entry.key, guarantees);
      const stage = new Stage({
        spec,
        mill: this.#mill,
        targets,
        onGround: (result) => metrics.record(spec, result),
        ...(isAnswered ? { patience: (refusal) => this.#pause(refusal) } : {}),
      });
      this.#stages.set(stage.id, stage);
    }
  }

  #watched({ kind, id, target }: StatefulNode): LeafTarget {
    const call = { kind, id, call: 'consume', limitMs: CONSUME_LIMIT_MS };
    return {
      consume: (leaf, manner) => this.#around.stalls.watch(call, () => target.consume(leaf, manner)),
    };
  }

  /** Whether senders were answered already when a stateful component passes something on. */
  #isAnswered(key: string, guarantees: ReadonlyMap<string, Guarantee>): boolean {
    const spec = this.#specOf(key);
    if (spec.kind === 'connector') return spec.component.definition.stateful?.acknowledges === 'taken';
    return weaknessOf(spec.component) !== undefined || guaranteeBehind(this.#graph, key, guarantees) === 'memory';
  }

  #specOf(key: string): StatefulSpec {
    return this.#graph.stateful.find((spec) => spec.key === key) as StatefulSpec;
  }

  #pause({ retryAfterMs = 0 }: DeliveryError): Promise<void> {
    const delayMs = Math.min(Math.max(retryAfterMs, PAUSE_MS_MIN), PAUSE_MS_MAX);
    return new Promise((resolve) => void this.#around.clock.after(delayMs, resolve));
  }

  /** Everything behind it has been made. */
  #makeStateful(
    key: string,
    { guarantees, processors }: { guarantees: ReadonlyMap<string, Guarantee>; processors: ProcessorMetrics },
  ): StatefulNode {
    const spec = this.#specOf(key);
    const guarantee = guaranteeBehind(this.#graph, key, guarantees);
    return spec.kind === 'processor'
      ? this.#processorNode(spec, guarantee, processors)
      : this.#connectorNode(spec, guarantee);
  }

  #processorNode(spec: StatefulProcessorSpec, guarantee: Guarantee, metrics: ProcessorMetrics): StatefulNode {
    const { component, pipeline, key } = spec;
    const { arena } = this.#around;
    const stage = this.#stages.get(key) as Stage;
    const host = {
      ...hostOf(this.#around, 'processor', component.id, { pipeline: pipeline.id }),
      signal: pipeline.signal,
      guarantee,
      split: (batch: unknown, maxItems: number) => splitBatch(batch as RegionBatch, maxItems, arena),
      makeBatch: (chunks: readonly Uint8Array[], from?: Pick<Batch, 'context'>) =>
        RegionBatch.copied(chunks, { signal: pipeline.signal, context: from?.context }, arena),
    };
    return attempt(component, () => new ProcessorNode({ spec, stage, host, arena, metrics }));
  }

  #connectorNode(spec: StatefulConnectorSpec, guarantee: Guarantee): StatefulNode {
    const { component, pipelines, key } = spec;
    const { arena, telemetry, machine } = this.#around;
    const metrics = new ConnectorMetrics(telemetry);
    const stages = new Map(pipelines.map(({ id }) => [id, this.#stages.get(stageIdBehind(key, id)) as Stage]));
    const host = { ...hostOf(this.#around, 'connector', component.id), guarantee };
    const drainMs = this.#config.service.shutdownTimeoutMs * QUEUE_SHARE;
    return attempt(
      component,
      () => new ConnectorNode({ spec, stages, host, arena, metrics, drainMs, random: machine.random }),
    );
  }

  #makeReceivers(): void {
    for (const component of this.#config.receivers.values()) {
      const intakes = new Map<Signal, ReceiverIntake>();
      for (const spec of this.#graph.stages) {
        if (spec.entry.from !== 'receiver' || spec.entry.id !== component.id) continue;
        const { signal } = spec.plan;
        const intake = new ReceiverIntake({
          receiver: component.id,
          signal,
          stage: this.#stages.get(spec.plan.id) as Stage,
          gates: new Map(spec.gates.map((key) => [key, this.#gates.get(key) as Gate])),
          arena: this.#around.arena,
          telemetry: this.#around.telemetry,
        });
        intakes.set(signal, intake);
        this.#intakes.push(intake);
      }
      if (intakes.size === 0) continue;
      const intakeOf = (signal: Signal) => intakes.get(signal) ?? refuseSignal(component.id, signal);
      const host: ReceiverHost = {
        ...hostOf(this.#around, 'receiver', component.id),
        signals: new Set(intakes.keys()),
        admit: (signal, expectedBytes) => intakeOf(signal).admit(expectedBytes),
        consume: async (signal, payload) => intakeOf(signal).consume(payload),
      };
      const lifecycle = attempt(component, () => component.definition.create(component.config, host));
      this.#receivers.set(component.id, lifecycle);
    }
  }
}

/** Stateful components may hold a batch on purpose; this is longer than most do. */
const CONSUME_LIMIT_MS = 60_000;

/** Part of a shutdown's time in which a connector's queue may empty; exporters' queues come afterwards. */
const QUEUE_SHARE = 0.25;

/** Pauses before a full queue is asked again. */
const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 1_000;

function refuseSignal(receiver: string, signal: Signal): never {
  throw permanent(`no pipeline takes ${signal} from receiver "${receiver}"`, { code: 'SIGNAL_NOT_CONFIGURED' });
}
