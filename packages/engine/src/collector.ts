import {
  type Announcement,
  type Clock,
  ComponentError,
  type ComponentReport,
  type Gate,
  type Lifecycle,
  type Logger,
  messageOf,
  permanent,
  type Signal,
} from '@millrace/api';
import type { ResolvedComponent, ResolvedConfig } from '@millrace/config';
import { Arena, createMill, type JobSpec, type Mill } from '@millrace/workers';
import { before } from './deadline.ts';
import { ExporterNode } from './exporter-node.ts';
import { type Guarantee, guaranteeBehind } from './guarantee.ts';
import { GrindMetrics } from './telemetry/grind-metrics.ts';
import { hostOf, type Surroundings } from './host-factory.ts';
import { buildGraph, type PipelineGraph } from './pipeline-graph.ts';
import { describePipelines, type PipelineOverview } from './pipeline-overview.ts';
import { ReceiverIntake } from './receiver-intake.ts';
import { Stage } from './stage.ts';
import { StatefulNode } from './stateful-node.ts';
import { splitBatch } from './cut-batch.ts';
import { StatusBoard } from './status-board.ts';
import { systemClock } from './system-clock.ts';
import { observeProcess } from './telemetry/process-metrics.ts';
import { ProcessorMetrics } from './telemetry/processor-metrics.ts';
import { SelfTelemetry } from './telemetry/self-telemetry.ts';
import type { RegionBatch } from './region-batch.ts';

export interface CollectorOptions {
  readonly config: ResolvedConfig;
  readonly logger: Logger;
  readonly version: string;
  readonly clock?: Clock;
  /** Throws where a component releases memory twice or reads it afterwards; costs time. For tests. */
  readonly debug?: boolean;
}

/** What a shutdown could not finish within its bound; all zero when nothing was left. */
export interface ShutdownReport {
  /** Items in queues and retries that no destination has. */
  readonly leftItems: number;
  /** Submissions whose senders had no answer yet. */
  readonly openSubmissions: number;
}

/** Running totals for a display; items since the start, sizes at this moment. */
export interface CollectorSnapshot {
  readonly received: number;
  readonly refused: number;
  readonly sent: number;
  readonly failed: number;
  readonly queued: number;
  readonly bytesInFlight: number;
  readonly components: readonly ComponentReport[];
}

/** A component of the running graph that has a life of its own. */
interface Running {
  readonly kind: 'receiver' | 'processor' | 'exporter' | 'extension';
  readonly id: string;
  readonly lifecycle: Lifecycle;
}

/**
 * The pipelines of one configuration, from build over start to shutdown. Extensions start first, then exporters,
 * processors and receivers, so that nobody hands data to somebody who is not ready; shutdown goes the other way.
 */
export class Collector {
  readonly config: ResolvedConfig;
  readonly graph: PipelineGraph;
  readonly #around: Surroundings;
  readonly #extensions: Map<string, Lifecycle>;
  readonly #mill: Mill;
  readonly #exporters = new Map<string, ExporterNode>();
  readonly #gates = new Map<string, Gate>();
  readonly #stateful = new Map<string, StatefulNode>();
  readonly #stages = new Map<string, Stage>();
  readonly #intakes: ReceiverIntake[] = [];
  readonly #receivers: Running[] = [];
  readonly #stopObserving: () => void;
  #stopping: Promise<ShutdownReport> | undefined;

  private constructor(config: ResolvedConfig, graph: PipelineGraph, around: Surroundings, mill: Mill) {
    this.config = config;
    this.graph = graph;
    this.#around = around;
    this.#extensions = around.extensions as Map<string, Lifecycle>;
    this.#mill = mill;
    this.#stopObserving = observeProcess(around.telemetry);
  }

  /**
   * Makes every component that some pipeline uses, without starting any. Throws a ComponentError that names the one
   * that cannot be made.
   */
  static async build(options: CollectorOptions): Promise<Collector> {
    const { config, logger, version } = options;
    const clock = options.clock ?? systemClock;
    const graph = buildGraph(config);
    const telemetry = await SelfTelemetry.create(config.service.telemetry);
    const { threads, heapMb, deadlineMs } = config.service.workers;
    const { bytesInFlightMax } = config.service;
    const arena = new Arena({ bytesInFlightMax, shared: threads > 0, debug: options.debug === true });
    const mill = createMill({ threads, heapMb, deadlineMs, arena, logger });
    const status = new StatusBoard(clock);
    const around = { clock, logger, telemetry, status, arena, version, extensions: new Map<string, Lifecycle>() };
    const collector = new Collector(config, graph, around, mill);
    try {
      collector.#make();
      return collector;
    } catch (error) {
      await collector.#discard();
      throw error;
    }
  }

  #make(): void {
    for (const id of this.config.service.extensions) {
      const component = this.config.extensions.get(id) as ResolvedComponent<'extension'>;
      const host = { ...hostOf(this.#around, 'extension', id), collector: this.#around.status };
      this.#extensions.set(id, component.definition.create(component.config, host));
    }
    this.#makeExporters();
    for (const { key, component } of this.graph.gates) {
      const gate = component.definition.gate as NonNullable<typeof component.definition.gate>;
      this.#gates.set(key, gate.create(component.config, hostOf(this.#around, 'processor', component.id)));
    }
    this.#makeStages();
    this.#makeReceivers();
    this.#observe();
  }

  #makeExporters(): void {
    const leaves = this.graph.stages.flatMap((stage) => stage.leaves);
    for (const component of this.config.exporters.values()) {
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
      const node = new ExporterNode({ component, host, signals, mill: this.#mill, arena: this.#around.arena });
      this.#exporters.set(component.id, node);
    }
  }

  /** Downstream first, which is the order of the graph's list: a stage needs what stands behind it. */
  #makeStages(): void {
    const guarantees = this.#guarantees();
    const processors = new ProcessorMetrics(this.#around.telemetry);
    const metrics = new GrindMetrics(this.#around.telemetry, processors);
    for (const spec of this.graph.stages) {
      const targets = spec.leaves.map((leaf) =>
        leaf.to === 'exporter' ? this.#exporter(leaf.id).target(leaf.signal) : this.#statefulNode(leaf.key).target,
      );
      const stage = new Stage({ spec, mill: this.#mill, targets, onGround: (result) => metrics.record(spec, result) });
      this.#stages.set(stage.id, stage);
      const { entry } = spec;
      if (entry.from !== 'stateful') continue;
      const stateful = this.graph.stateful.find(({ key }) => key === entry.key) as PipelineGraph['stateful'][number];
      const { component, pipeline } = stateful;
      const host = {
        ...hostOf(this.#around, 'processor', component.id, { pipeline: pipeline.id }),
        signal: pipeline.signal,
        guarantee: guaranteeBehind(this.graph, entry.key, guarantees),
        split: (batch: unknown, maxItems: number) => splitBatch(batch as RegionBatch, maxItems, this.#around.arena),
      };
      this.#stateful.set(
        entry.key,
        new StatefulNode({ spec: stateful, stage, host, arena: this.#around.arena, metrics: processors }),
      );
    }
  }

  #makeReceivers(): void {
    for (const component of this.config.receivers.values()) {
      const intakes = new Map<Signal, ReceiverIntake>();
      for (const spec of this.graph.stages) {
        if (spec.entry.from !== 'receiver' || spec.entry.id !== component.id) continue;
        const { signal } = spec.plan;
        const intake = new ReceiverIntake({
          receiver: component.id,
          signal,
          stage: this.#stages.get(spec.plan.id) as Stage,
          gates: spec.gates.map((key) => this.#gates.get(key) as Gate),
          arena: this.#around.arena,
          telemetry: this.#around.telemetry,
        });
        intakes.set(signal, intake);
        this.#intakes.push(intake);
      }
      if (intakes.size === 0) continue;
      const intakeOf = (signal: Signal) => intakes.get(signal) ?? refuseSignal(component.id, signal);
      const lifecycle = component.definition.create(component.config, {
        ...hostOf(this.#around, 'receiver', component.id),
        signals: new Set(intakes.keys()),
        admit: (signal, expectedBytes) => intakeOf(signal).admit(expectedBytes),
        consume: async (signal, payload) => intakeOf(signal).consume(payload),
      });
      this.#receivers.push({ kind: 'receiver', id: component.id, lifecycle });
    }
  }

  #observe(): void {
    const { telemetry, arena } = this.#around;
    const bytes = { unit: 'By' };
    telemetry.own.gauge(
      'bytes_in_flight',
      { description: 'Telemetry held in memory', ...bytes },
      () => arena.bytesInFlight,
    );
    telemetry.own.gauge('bytes_in_flight_max', { description: 'Bound of bytes_in_flight', ...bytes }, () => {
      return arena.bytesInFlightMax;
    });
    telemetry.own.gauge('pool_utilisation', { description: 'Share of worker time spent in grinds, 0 to 1' }, () => {
      return this.#mill.stats.utilisation();
    });
    telemetry.own.gauge(
      'pool_waiting',
      { description: 'Grinds that wait for a worker' },
      () => this.#mill.stats.waiting,
    );
    telemetry.own.gauge('workers_lost', { description: 'Workers that died and were replaced' }, () => {
      return this.#mill.stats.workersLost;
    });
  }

  /** Starts everything. When one component cannot start, all are stopped again and its error is thrown. */
  async start(): Promise<void> {
    try {
      const plans = [...this.graph.stages, ...this.graph.encodes].map(({ plan }) => plan);
      const millReady = this.#mill.start(plans);
      millReady.catch(() => undefined); // Awaited below, once the others are on their way.
      await this.#around.telemetry.start();
      for (const [id, lifecycle] of this.#extensions) await this.#startOne({ kind: 'extension', id, lifecycle });
      await Promise.all(
        [...this.#exporters].map(([id, node]) => {
          const lifecycle = { start: () => node.start() };
          return this.#startOne({ kind: 'exporter', id, lifecycle });
        }),
      );
      for (const [id, lifecycle] of this.#gates) await this.#startOne({ kind: 'processor', id, lifecycle });
      for (const { processor, id } of this.#stateful.values()) {
        await this.#startOne({ kind: 'processor', id, lifecycle: processor });
      }
      await millReady;
      for (const receiver of this.#receivers) await this.#startOne(receiver);
      this.#around.status.ready = true;
    } catch (error) {
      await this.shutdown();
      throw error;
    }
  }

  async #startOne({ kind, id, lifecycle }: Running): Promise<void> {
    const { status } = this.#around;
    status.set({ kind, id, status: 'starting' });
    try {
      await lifecycle.start?.();
    } catch (error) {
      status.set({ kind, id, status: 'permanent_error', message: messageOf(error) });
      const remedy = error instanceof ComponentError ? error.remedy : undefined;
      const code = error instanceof ComponentError ? error.code : 'START';
      throw new ComponentError(`cannot start ${kind} "${id}": ${messageOf(error)}`, {
        code,
        cause: error,
        ...(remedy === undefined ? {} : { remedy }),
      });
    }
    // A component may have said something about itself while it started.
    const said = status.components().find((report) => report.kind === kind && report.id === id);
    if (said?.status === 'starting') status.set({ kind, id, status: 'ok' });
  }

  /**
   * Stops taking data in, drains everything, stops every component. Ends within `service.shutdown_timeout` and reports
   * what was left. Calling it again gives the same result.
   */
  shutdown(): Promise<ShutdownReport> {
    this.#stopping ??= this.#shutdown();
    return this.#stopping;
  }

  async #shutdown(): Promise<ShutdownReport> {
    const { clock, status } = this.#around;
    status.ready = false;
    const { shutdownTimeoutMs } = this.config.service;
    const end = clock.monotonic() + shutdownTimeoutMs;
    const deliverUntil = end - shutdownTimeoutMs * SETTLE_SHARE;
    for (const intake of this.#intakes) intake.close();
    const receiversStopped = Promise.all(this.#receivers.map((receiver) => this.#stopOne(receiver)));
    await this.#drain(halfWay(clock, end));
    let leftItems = 0;
    const stopExporter = async (node: ExporterNode) => {
      leftItems += (await node.drain(deliverUntil)).leftItems;
      await node.stop();
    };
    await before(
      clock,
      end,
      Promise.all(
        [...this.#exporters].map(([id, node]) => {
          return this.#stopOne({ kind: 'exporter', id, lifecycle: { shutdown: () => stopExporter(node) } });
        }),
      ),
    );
    await before(clock, end, receiversStopped);
    const openSubmissions = [...this.#stages.values()].reduce((sum, stage) => sum + stage.openSubmissions, 0);
    for (const [id, lifecycle] of this.#gates) {
      await before(clock, end, this.#stopOne({ kind: 'processor', id, lifecycle }));
    }
    for (const [id, lifecycle] of [...this.#extensions].toReversed()) {
      await before(clock, end, this.#stopOne({ kind: 'extension', id, lifecycle }));
    }
    await this.#discard();
    return { leftItems, openSubmissions };
  }

  /**
   * Flushes stateful processors, upstream ones first, and waits until all that was submitted is settled. One that does
   * not end may use up half of the time that is left, so that those after it are flushed, too.
   */
  async #drain(end: number): Promise<void> {
    const { clock } = this.#around;
    for (const { processor, id } of [...this.#stateful.values()].toReversed()) {
      await before(clock, halfWay(clock, end), this.#stopOne({ kind: 'processor', id, lifecycle: processor }));
    }
    await before(clock, end, Promise.all([...this.#stages.values()].map((stage) => stage.drained())));
  }

  async #stopOne({ kind, id, lifecycle }: Running): Promise<void> {
    const { status, logger } = this.#around;
    status.set({ kind, id, status: 'stopping' });
    try {
      await lifecycle.shutdown?.();
    } catch (error) {
      logger.error('component failed to stop', { kind, component: id, reason: messageOf(error) });
    }
    status.set({ kind, id, status: 'stopped' });
  }

  async #discard(): Promise<void> {
    this.#stopObserving();
    await this.#mill.shutdown();
    await this.#around.telemetry.shutdown();
  }

  /** Every pipeline with what its acknowledgement means. */
  get pipelines(): readonly PipelineOverview[] {
    return describePipelines(this.config, new Map([...this.#exporters].map(([id, node]) => [id, node.weakness])));
  }

  #guarantees(): ReadonlyMap<string, Guarantee> {
    return new Map([...this.#exporters].map(([id, node]) => [id, node.guarantee]));
  }

  get ready(): boolean {
    return this.#around.status.ready;
  }

  /** Where its components listen, read and write. */
  get announcements(): readonly Announcement[] {
    return this.#around.status.announcements;
  }

  /** Where Prometheus can scrape this collector; undefined where its metrics are off. */
  get metricsAddress(): string | undefined {
    return this.#around.telemetry.address;
  }

  snapshot(): CollectorSnapshot {
    const { telemetry, arena, status } = this.#around;
    let queued = 0;
    for (const node of this.#exporters.values()) queued += node.queued;
    return {
      received: telemetry.totalOf('otelcol_receiver_accepted_'),
      refused: telemetry.totalOf('otelcol_receiver_refused_'),
      sent: telemetry.totalOf('otelcol_exporter_sent_'),
      failed:
        telemetry.totalOf('otelcol_exporter_send_failed_') + telemetry.totalOf('otelcol_exporter_enqueue_failed_'),
      queued,
      bytesInFlight: arena.bytesInFlight,
      components: status.components(),
    };
  }

  #exporter(id: string): ExporterNode {
    return this.#exporters.get(id) as ExporterNode;
  }

  #statefulNode(key: string): StatefulNode {
    return this.#stateful.get(key) as StatefulNode;
  }
}

function refuseSignal(receiver: string, signal: Signal): never {
  throw permanent(`no pipeline takes ${signal} from receiver "${receiver}"`, { code: 'SIGNAL_NOT_CONFIGURED' });
}

/** Part of a shutdown's time that is kept to find out what was not delivered, and to stop. */
const SETTLE_SHARE = 0.05;

function halfWay(clock: Clock, end: number): number {
  return (clock.monotonic() + end) / 2;
}
