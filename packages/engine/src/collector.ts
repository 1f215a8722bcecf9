import {
  type Announcement,
  type Clock,
  type ComponentReport,
  type Lifecycle,
  type Logger,
  messageOf,
} from '@millrace/api';
import type { ResolvedConfig } from '@millrace/config';
import { Arena, type Mill, type MillStats, type StepFault } from '@millrace/workers';
import { assemble, type Assembly } from './assembly.ts';
import { before } from './deadline.ts';
import type { ExporterNode } from './exporter-node.ts';
import type { Surroundings } from './host-factory.ts';
import { componentsOf, sharesMemory } from './isolated-plugins.ts';
import { Lifecycles, type Living } from './lifecycles.ts';
import { type Machine, thisMachine } from './machine.ts';
import { makeMill } from './make-mill.ts';
import { type ObservationLimits, Observations, type Observed } from './observe/observations.ts';
import { buildGraph, type PipelineGraph } from './pipeline-graph.ts';
import { describePipelines, type PipelineOverview } from './pipeline-overview.ts';
import { type ConfigSource, type ReloadOutcome, type ReloadReport, Reloader } from './reload/reloader.ts';
import { restartNeeds } from './reload/restart-needs.ts';
import { plansOf, type RunningGraph } from './reload/running-graph.ts';
import { RequestRoom } from './request-room.ts';
import { StallWatch } from './stall-watch.ts';
import { StatusBoard } from './status-board.ts';
import { StorageNode } from './storage-node.ts';
import { systemClock } from './system-clock.ts';
import { type ComponentCost, ComponentCosts } from './telemetry/component-costs.ts';
import { observeEngine } from './telemetry/engine-metrics.ts';
import { observePlugins } from './telemetry/plugin-metrics.ts';
import { observeProcess } from './telemetry/process-metrics.ts';
import { SelfTelemetry } from './telemetry/self-telemetry.ts';
import type { Series } from './telemetry/series.ts';

export interface CollectorOptions {
  readonly config: ResolvedConfig;
  readonly logger: Logger;
  readonly version: string;
  readonly clock?: Clock;
  /** What stands in for this computer's files, processes and randomness. For simulations. */
  readonly machine?: Machine;
  /** Told of what steps throw and did not mean to, with the place in the plugin. For development. */
  readonly onStepFault?: (fault: StepFault) => void;
  /** Throws where a component releases memory twice or reads it afterwards; costs time. For tests. */
  readonly debug?: boolean;
}

/** What a shutdown could not finish within its bound; all zero when nothing was left. */
export interface ShutdownReport {
  /** Items in queues and retries that no destination has. */
  readonly leftItems: number;
  /** Items that no destination has and that stay on disk, for the next start. */
  readonly keptItems: number;
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

/**
 * The pipelines of one configuration, from build over start to shutdown. Extensions start first, then exporters,
 * processors and connectors, and receivers, so that nobody hands data to somebody who is not ready; shutdown goes the other way.
 */
export class Collector {
  readonly #around: Surroundings;
  readonly #lifecycles: Lifecycles;
  readonly #reloader: Reloader;
  readonly #observations: Observations;
  readonly #stopObserving: () => void;
  #stopping: Promise<ShutdownReport> | undefined;

  private constructor(running: RunningGraph, around: Surroundings) {
    this.#around = around;
    this.#lifecycles = new Lifecycles(around);
    this.#reloader = new Reloader(running, around, this.#lifecycles);
    this.#observations = new Observations(() => this.#reloader.running);
    const { telemetry, arena } = around;
    around.status.pipelines = () => this.pipelines;
    observeEngine(telemetry, { arena, mill: () => this.#mill });
    observePlugins(telemetry, () => this.#mill.stats.plugins);
    around.costs.pluginOf = (kind, id) =>
      componentsOf(this.config).find((each) => each.kind === kind && each.id === id)?.plugin?.name;
    this.#stopObserving = observeProcess(telemetry);
  }

  /**
   * Makes every component that some pipeline uses, without starting any. Throws a ComponentError that names the one
   * that cannot be made.
   */
  static async build(options: CollectorOptions): Promise<Collector> {
    const { config, logger, version } = options;
    const clock = options.clock ?? systemClock;
    const machine = options.machine ?? thisMachine;
    const graph = buildGraph(config);
    const telemetry = await SelfTelemetry.create(config.service.telemetry);
    const { bytesInFlightMax } = config.service;
    const arena = new Arena({ bytesInFlightMax, shared: sharesMemory(config), debug: options.debug === true });
    const costs = new ComponentCosts(telemetry);
    const faults = options.onStepFault === undefined ? {} : { onStepFault: options.onStepFault };
    const mill = makeMill(config, { clock, arena, logger, costs, ...faults });
    const status = new StatusBoard(clock);
    const extensions = new Map<string, Lifecycle>();
    const stalls = new StallWatch({ clock, logger, status });
    const around = {
      clock,
      logger,
      telemetry,
      status,
      stalls,
      arena,
      room: new RequestRoom(arena),
      version,
      machine,
      costs,
      ...faults,
      extensions,
      tenures: new Map(),
    };
    try {
      const parts = assemble({ config, graph, around, mill, extensions });
      return new Collector({ config, graph, mill, parts }, around);
    } catch (error) {
      await mill.shutdown();
      await telemetry.shutdown();
      throw error;
    }
  }

  /** The configuration in effect. */
  get config(): ResolvedConfig {
    return this.#reloader.running.config;
  }

  get graph(): PipelineGraph {
    return this.#reloader.running.graph;
  }

  get #parts(): Assembly {
    return this.#reloader.running.parts;
  }

  get #mill(): Mill {
    return this.#reloader.running.mill;
  }

  /** Starts everything. When one component cannot start, all are stopped again and its error is thrown. */
  async start(): Promise<void> {
    try {
      const { extensions, exporters, deadLetters, gates, stateful, receivers } = this.#parts;
      const millReady = this.#mill.start(plansOf(this.graph));
      millReady.catch(() => undefined); // Awaited below, once the others are on their way.
      await this.#around.telemetry.start();
      for (const [id, lifecycle] of extensions) await this.#startOne({ kind: 'extension', id, lifecycle });
      for (const node of deadLetters.values()) await node.start();
      await Promise.all(
        [...exporters].map(([id, node]) => {
          const lifecycle = { start: () => node.start() };
          return this.#startOne({ kind: 'exporter', id, lifecycle });
        }),
      );
      // What a queue still holds is encoded on the workers.
      await millReady;
      await Promise.all([...exporters.values()].map((node) => node.deliver()));
      for (const extension of extensions.values()) if (extension instanceof StorageNode) extension.reportUnclaimed();
      for (const [id, lifecycle] of gates) await this.#startOne({ kind: 'processor', id, lifecycle });
      for (const { kind, id, component } of stateful.values()) {
        await this.#startOne({ kind, id, lifecycle: component });
      }
      for (const [id, { lifecycle }] of receivers) await this.#startOne({ kind: 'receiver', id, lifecycle });
      this.#around.status.ready = true;
    } catch (error) {
      await this.shutdown();
      throw error;
    }
  }

  #startOne(living: Living): Promise<void> {
    return this.#lifecycles.start(living, this.config.service.startTimeoutMs);
  }

  /**
   * Puts another configuration into effect. It is built and started beside the running one; components that are the same
   * in both go on as they are, with their connections and queues. Resolves when data takes the new way; what is replaced
   * delivers what it holds in the background. Reloads wait for each other.
   * Rejects with a ComponentError when anything fails, and the old configuration stays in effect: RELOAD_NEEDS_RESTART
   * where only a restart can bring the change about, RELOAD_BUSY, RELOAD_CLOSED, or the error of a component; and with
   * whatever the source rejects with, where the configuration is yet to be read.
   */
  async reload(source: ConfigSource): Promise<ReloadReport> {
    try {
      return await this.#reloader.reload(source);
    } finally {
      this.#observations.follow();
    }
  }

  /**
   * Looks at the data that passes a component, a pipeline or an edge, from now on and over reloads, see `findPlaces`; all
   * receivers where `name` is undefined. The result ends it. What is beyond the limits is not looked at; nothing waits.
   * Throws a ComponentError, OBSERVE_UNKNOWN, that lists {@link observable}.
   */
  observe(name: string | undefined, limits: ObservationLimits, onObserved: (observed: Observed) => void): () => void {
    return this.#observations.add(name, limits, onObserved);
  }

  /** What can be observed, by name. */
  get observable(): readonly string[] {
    return this.#observations.names;
  }

  /** Everything that is measured: counters and histograms since the start, gauges at this moment. */
  get series(): readonly Series[] {
    return [...this.#around.telemetry.series()];
  }

  /** How the workers are doing. */
  get workers(): MillStats {
    return this.#mill.stats;
  }

  /** Settings of another configuration that only a restart could bring about: a reload would be refused. */
  restartNeeds(config: ResolvedConfig): readonly string[] {
    return restartNeeds(this.config, config);
  }

  /** How the last reload ended; undefined before the first one. */
  get lastReload(): ReloadOutcome | undefined {
    return this.#reloader.last;
  }

  /**
   * Stops taking data in, drains everything, stops every component. Ends within `service.shutdown_timeout` and reports
   * what was left. Calling it again gives the same result.
   */
  shutdown(): Promise<ShutdownReport> {
    this.#lifecycles.interrupt();
    this.#stopping ??= this.#shutdown();
    return this.#stopping;
  }

  #closeIntakes(): void {
    for (const { intakes } of this.#parts.receivers.values()) for (const intake of intakes.values()) intake.close();
  }

  async #shutdown(): Promise<ShutdownReport> {
    const { clock, status } = this.#around;
    status.ready = false;
    const { shutdownTimeoutMs } = this.config.service;
    const end = clock.monotonic() + shutdownTimeoutMs;
    this.#closeIntakes();
    const reloaded = this.#reloader.close();
    if (reloaded !== undefined) await before(clock, halfWay(clock, end), reloaded);
    this.#closeIntakes();
    const { extensions, exporters, gates, stages, receivers } = this.#parts;
    const deliverUntil = end - shutdownTimeoutMs * SETTLE_SHARE;
    const receiversStopped = Promise.all(
      [...receivers].map(([id, { lifecycle }]) => this.#lifecycles.stop({ kind: 'receiver', id, lifecycle })),
    );
    await this.#drain(halfWay(clock, end));
    let leftItems = 0;
    let keptItems = 0;
    const retirements = [...this.#reloader.retirements];
    const retired = Promise.all(
      retirements.map(async (retirement) => {
        const remains = await retirement.hurry(deliverUntil);
        leftItems += remains.leftItems;
        keptItems += remains.keptItems;
      }),
    );
    const stopExporter = async (node: ExporterNode) => {
      const remains = await node.drain(deliverUntil);
      leftItems += remains.leftItems;
      keptItems += remains.keptItems;
      await node.stop();
    };
    // An exporter goes before the one that gets what it gives up.
    for (const wave of this.graph.deadLetters.waves) {
      const nodes = wave.map((id) => exporters.get(id) as ExporterNode);
      const stops = nodes.map((node) =>
        this.#lifecycles.stop({ kind: 'exporter', id: node.id, lifecycle: { shutdown: () => stopExporter(node) } }),
      );
      // What is left goes to the dead letter now.
      const needsDisk = this.#parts.deadLetters.size > 0;
      const until = needsDisk ? Math.max(end, clock.monotonic() + STORAGE_CLOSE_MS) : end;
      await before(clock, until, Promise.all(stops));
    }
    await before(clock, end, Promise.all([receiversStopped, retired]));
    for (const { component, holder } of this.#parts.stateful.values()) {
      leftItems += component.heldItems ?? 0;
      holder.warnOfHeld();
    }
    const openSubmissions = [...stages.values(), ...retirements].reduce((sum, each) => sum + each.openSubmissions, 0);
    for (const { kind, id, call } of openSubmissions > 0 ? this.#around.stalls.openCalls : []) {
      this.#around.logger.warn(`${kind} "${id}" has not come back from ${call}, whose senders get no answer`, {
        remedy: 'every promise that a component returns must settle, also when it is shut down',
      });
    }
    for (const [id, lifecycle] of gates) {
      await before(clock, end, this.#lifecycles.stop({ kind: 'processor', id, lifecycle }));
    }
    for (const node of this.#parts.deadLetters.values()) {
      await before(clock, Math.max(end, clock.monotonic() + STORAGE_CLOSE_MS), node.shutdown());
    }
    for (const [id, lifecycle] of [...extensions].toReversed()) {
      // A storage writes what was delivered down, or it would come again.
      const until = lifecycle instanceof StorageNode ? Math.max(end, clock.monotonic() + STORAGE_CLOSE_MS) : end;
      await before(clock, until, this.#lifecycles.stop({ kind: 'extension', id, lifecycle }));
    }
    await this.#discard();
    return { leftItems, keptItems, openSubmissions };
  }

  /**
   * Flushes stateful components, upstream ones first, and waits until all that was taken is settled. One that does
   * not end may use up half of the time that is left, so that those after it are flushed, too.
   */
  async #drain(end: number): Promise<void> {
    const { clock } = this.#around;
    for (const { kind, id, component } of [...this.#parts.stateful.values()].toReversed()) {
      await before(clock, halfWay(clock, end), this.#lifecycles.stop({ kind, id, lifecycle: component }));
    }
    const replaced = [...this.#reloader.retirements].map((retirement) => retirement.settled());
    await before(clock, end, Promise.all([this.#settle(), ...replaced]));
  }

  /**
   * Waits stage by stage, upstream ones first, until all is settled: what an upstream stage still hands over becomes the
   * work of the ones behind it, and what a stateful component acknowledged early is its own until it has passed it on.
   */
  async #settle(): Promise<void> {
    const { stages } = this.#parts;
    for (const { plan, entry } of this.graph.stages.toReversed()) {
      if (entry.from === 'stateful') await this.#settled(entry.key);
      await stages.get(plan.id)?.drained();
    }
  }

  async #settled(key: string): Promise<void> {
    const node = this.#parts.stateful.get(key);
    try {
      await node?.component.settled?.();
    } catch (error) {
      this.#around.logger.error('component failed to settle', { component: node?.id, reason: messageOf(error) });
    }
  }

  async #discard(): Promise<void> {
    const { clock } = this.#around;
    this.#stopObserving();
    this.#observations.stop();
    // Grinds that never end must not hold the process.
    await before(clock, clock.monotonic() + WORKERS_END_MS, this.#mill.shutdown());
    await this.#around.telemetry.shutdown();
  }

  /** Every pipeline with what its acknowledgement means. */
  get pipelines(): readonly PipelineOverview[] {
    return describePipelines(this.config, this.#parts.exporters, this.graph.deadLetters);
  }

  /** What the pure halves of components have cost since the start. */
  get costs(): readonly ComponentCost[] {
    return this.#around.costs.all;
  }

  /** Whether the workers answer within `limitMs`. */
  responds(limitMs: number): Promise<boolean> {
    const { clock } = this.#around;
    const answer = this.#mill.ping().then(
      () => true,
      () => false,
    );
    return before(clock, clock.monotonic() + limitMs, answer).then((isOver) => isOver && answer);
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
    for (const node of this.#parts.exporters.values()) queued += node.queued;
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
}

/** How long a storage has to close, at least. */
const STORAGE_CLOSE_MS = 1_000;

/** How long workers have to end after everything else has. */
const WORKERS_END_MS = 2_000;

/** Part of a shutdown's time that is kept to find out what was not delivered, and to stop. */
const SETTLE_SHARE = 0.05;

function halfWay(clock: Clock, end: number): number {
  return (clock.monotonic() + end) / 2;
}
