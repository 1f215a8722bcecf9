import {
  type Batch,
  type ComponentHost,
  type DeliveryError,
  type Gate,
  type Lifecycle,
  permanent,
  type ReceiverHost,
  type Signal,
} from '@millrace/api';
import type { ResolvedComponent, ResolvedConfig } from '@millrace/config';
import type { DeadLetter } from '@millrace/delivery';
import type { JobSpec, Mill } from '@millrace/workers';
import { BatchHolder } from './batch-holder.ts';
import { ConnectorNode } from './connector-node.ts';
import { splitBatch } from './cut-batch.ts';
import { DeadLetterNode } from './dead-letter-node.ts';
import type { DeadLetterPlace, DeadLetterTarget } from './dead-letter-plan.ts';
import { DirectoryDeadLetter } from './directory-dead-letter.ts';
import { ExporterDeadLetter } from './exporter-dead-letter.ts';
import { ExporterNode } from './exporter-node.ts';
import { type Guarantee, guaranteeBehind, weaknessOf } from './guarantee.ts';
import { hostOf, storageOf, type Surroundings, type Tenure } from './host-factory.ts';
import { withFields } from './log-writer.ts';
import {
  type PipelineGraph,
  stageIdBehind,
  type StageSpec,
  type StatefulConnectorSpec,
  type StatefulProcessorSpec,
  type StatefulSpec,
} from './pipeline-graph.ts';
import { ProcessorNode } from './processor-node.ts';
import { ReceiverIntake, type Way } from './receiver-intake.ts';
import { RegionBatch } from './region-batch.ts';
import { Heritage, type Predecessor } from './reload/heritage.ts';
import { type LeafTarget, Stage, type StageSettings } from './stage.ts';
import { StageDeadLetter } from './stage-dead-letter.ts';
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
  /** By directory. */
  readonly deadLetters: ReadonlyMap<string, DeadLetterNode>;
  /** By processor id. */
  readonly gates: ReadonlyMap<string, Gate>;
  /** By key; downstream ones first. */
  readonly stateful: ReadonlyMap<string, StatefulNode>;
  readonly stages: ReadonlyMap<string, Stage>;
  /** By id. */
  readonly receivers: ReadonlyMap<string, ReceiverNode>;
  /** Parts that were taken over and run already. */
  readonly kept: ReadonlySet<object>;
  readonly tenures: ReadonlyMap<string, Tenure>;
  /** Has what was taken over pass data to what is new. Synchronous: no data is between the two. */
  redirect(): void;
}

/** A receiver with the ways by which its data comes in. */
export interface ReceiverNode {
  readonly lifecycle: Lifecycle;
  readonly intakes: ReadonlyMap<Signal, ReceiverIntake>;
}

/** Makes every component that some pipeline uses, and joins them up. `extensions` is filled first: hosts show it. */
export function assemble(options: {
  readonly config: ResolvedConfig;
  readonly graph: PipelineGraph;
  readonly around: Surroundings;
  readonly mill: Mill;
  readonly extensions: Map<string, Lifecycle>;
  /** What it takes the place of. */
  readonly predecessor?: Predecessor;
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
  readonly #heritage: Heritage;
  readonly #redirections: (() => void)[] = [];
  readonly #deadLetters: ReadonlyMap<string, DeadLetterNode>;
  readonly #gates = new Map<string, Gate>();
  readonly #stateful = new Map<string, StatefulNode>();
  readonly #stages = new Map<string, Stage>();
  readonly #receivers = new Map<string, ReceiverNode>();

  constructor(options: Parameters<typeof assemble>[0]) {
    this.#config = options.config;
    this.#graph = options.graph;
    this.#heritage = new Heritage(options.predecessor, options);
    const { tenures } = this.#heritage;
    this.#around = { ...options.around, extensions: options.extensions, tenures };
    this.#mill = options.mill;
    this.#extensions = options.extensions;
    const { places } = options.graph.deadLetters;
    const deadLetterOf = (place: DeadLetterPlace) =>
      this.#heritage.deadLetter(place) ?? new DeadLetterNode(place, options.around);
    this.#deadLetters = new Map(places.map((place) => [place.directory, deadLetterOf(place)]));
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
      deadLetters: this.#deadLetters,
      gates: this.#gates,
      stateful: this.#stateful,
      stages: this.#stages,
      receivers: this.#receivers,
      kept: this.#heritage.kept,
      tenures: this.#around.tenures,
      redirect: () => {
        for (const redirect of this.#redirections) redirect();
      },
    };
  }

  #makeExtensions(): void {
    for (const id of this.#config.service.extensions) {
      const kept = this.#heritage.extension(id);
      if (kept !== undefined) {
        this.#extensions.set(id, kept);
        continue;
      }
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
    const { deadLetters } = this.#graph;
    for (const component of this.#config.exporters.values()) {
      const signals = deadLetters.signals.get(component.id);
      if (signals === undefined) continue;
      const kept = this.#heritage.exporter(component.id);
      if (kept !== undefined) {
        this.#redirections.push(() => kept.useMill(this.#mill));
        this.#exporters.set(component.id, kept);
        continue;
      }
      const link = { mill: this.#mill };
      const job = (name: string): JobSpec => ({
        module: component.module ?? '',
        type: component.definition.type,
        job: name,
      });
      const host = {
        ...hostOf(this.#around, 'exporter', component.id),
        run: (name: string, input: Uint8Array, params: unknown) => link.mill.run(job(name), input, params),
      };
      const { arena, extensions, stalls, machine } = this.#around;
      const { random } = machine;
      const storage = (id: string) => storageOf(extensions, id);
      const target = deadLetters.exporters.get(component.id);
      const deadLetter = target && this.#deadLetter(`exporter "${component.id}"`, target);
      const settings = { component, host, signals, link, arena, storage, stalls, random, deadLetter };
      const node = attempt(component, () => new ExporterNode(settings));
      this.#exporters.set(component.id, node);
    }
  }

  #deadLetter(component: string, target: DeadLetterTarget): DeadLetter {
    if (target.to === 'directory') {
      const { files } = this.#deadLetters.get(target.place.directory) as DeadLetterNode;
      return new DirectoryDeadLetter(component, files);
    }
    return new ExporterDeadLetter(component, this.#around.arena, (batch) =>
      (this.#exporters.get(target.id) as ExporterNode).takeGivenUp(batch),
    );
  }

  #makeGates(): void {
    for (const { key, component } of this.#graph.gates) {
      const kept = this.#heritage.gate(key);
      if (kept !== undefined) {
        this.#gates.set(key, kept);
        continue;
      }
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
        ...this.#stageDeadLetter(spec),
      });
      this.#stages.set(stage.id, stage);
    }
  }

  #stageDeadLetter({ plan, entry }: StageSpec): Pick<StageSettings, 'deadLetter' | 'refusedLetter'> {
    const { deadLetters, decodes } = this.#graph;
    if (deadLetters.service === undefined) return {};
    const { arena, clock, logger, telemetry } = this.#around;
    const keeper = new StageDeadLetter({
      signal: plan.signal,
      deadLetter: this.#deadLetter(`stage "${plan.id}"`, deadLetters.service),
      decodePlan: entry.from === 'receiver' ? decodes.get(plan.id)?.id : undefined,
      mill: this.#mill,
      arena,
      clock,
      logger: withFields(logger, { stage: plan.id }),
      items: telemetry.own.counter('stage_dead_letter_items', {
        description:
          'Items that no worker could digest, or that were refused after their sender was answered, and are kept',
        unit: '{item}',
      }),
    });
    return {
      deadLetter: (part, outcome) => keeper.keep(part, outcome),
      refusedLetter: (leaf, error) => keeper.keepLeaf(leaf, error),
    };
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
    const kept = this.#heritage.stateful(spec, guarantee);
    if (kept !== undefined) {
      this.#redirections.push(() => kept.follow(this.#stagesBehind(spec)));
      return kept;
    }
    return spec.kind === 'processor'
      ? this.#processorNode(spec, guarantee, processors)
      : this.#connectorNode(spec, guarantee);
  }

  /** By pipeline. */
  #stagesBehind(spec: StatefulSpec): ReadonlyMap<string, Stage> {
    if (spec.kind === 'processor') return new Map([[spec.pipeline.id, this.#stages.get(spec.key) as Stage]]);
    const stageOf = (pipeline: string) => this.#stages.get(stageIdBehind(spec.key, pipeline)) as Stage;
    return new Map(spec.pipelines.map(({ id }) => [id, stageOf(id)]));
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
    const holder = this.#holder(spec, host);
    return attempt(component, () => new ProcessorNode({ spec, stage, host, arena, holder, metrics }));
  }

  #connectorNode(spec: StatefulConnectorSpec, guarantee: Guarantee): StatefulNode {
    const { component } = spec;
    const { arena, telemetry, machine } = this.#around;
    const metrics = new ConnectorMetrics(telemetry);
    const stages = this.#stagesBehind(spec);
    const host = { ...hostOf(this.#around, 'connector', component.id), guarantee };
    const drainMs = this.#config.service.shutdownTimeoutMs * QUEUE_SHARE;
    const { service } = this.#graph.deadLetters;
    const deadLetter = service && this.#deadLetter(`connector "${component.id}"`, service);
    const { random } = machine;
    const holder = this.#holder(spec, host);
    return attempt(
      component,
      () => new ConnectorNode({ spec, stages, host, arena, holder, metrics, drainMs, random, deadLetter }),
    );
  }

  #holder({ kind, component }: StatefulSpec, { logger }: Pick<ComponentHost, 'logger'>): BatchHolder {
    return new BatchHolder({ kind, id: component.id, logger, onFault: this.#around.onStepFault });
  }

  #makeReceivers(): void {
    for (const component of this.#config.receivers.values()) {
      const ways = this.#waysFrom(component.id);
      if (ways.size === 0) continue;
      const kept = this.#heritage.receiver(component.id);
      const node = kept ?? this.#receiverNode(component, ways);
      this.#receivers.set(component.id, node);
      if (kept === undefined) continue;
      this.#redirections.push(() => {
        for (const [signal, intake] of kept.intakes) intake.follow(ways.get(signal) as Way);
      });
    }
  }

  #waysFrom(receiver: string): Map<Signal, Way> {
    const ways = new Map<Signal, Way>();
    for (const { entry, plan, gates } of this.#graph.stages) {
      if (entry.from !== 'receiver' || entry.id !== receiver) continue;
      ways.set(plan.signal, {
        stage: this.#stages.get(plan.id) as Stage,
        gates: new Map(gates.map((key) => [key, this.#gates.get(key) as Gate])),
      });
    }
    return ways;
  }

  #receiverNode(component: ResolvedComponent<'receiver'>, ways: ReadonlyMap<Signal, Way>): ReceiverNode {
    const { id } = component;
    const { arena, room, telemetry } = this.#around;
    const intakes = new Map<Signal, ReceiverIntake>();
    for (const [signal, way] of ways) {
      intakes.set(signal, new ReceiverIntake({ ...way, receiver: id, signal, arena, room, telemetry }));
    }
    const intakeOf = (signal: Signal) => intakes.get(signal) ?? refuseSignal(id, signal);
    const host: ReceiverHost = {
      ...hostOf(this.#around, 'receiver', id),
      signals: new Set(intakes.keys()),
      admit: (signal, expectedBytes) => intakeOf(signal).admit(expectedBytes),
      consume: async (signal, payload) => intakeOf(signal).consume(payload),
    };
    return { intakes, lifecycle: attempt(component, () => component.definition.create(component.config, host)) };
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
