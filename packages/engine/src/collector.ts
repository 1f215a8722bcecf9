import {
  type Announcement,
  type Clock,
  ComponentError,
  type ComponentReport,
  type Kind,
  type Lifecycle,
  type Logger,
  messageOf,
} from '@millrace/api';
import type { ResolvedConfig } from '@millrace/config';
import { Arena, createMill, type Mill } from '@millrace/workers';
import { assemble, type Assembly } from './assembly.ts';
import { before } from './deadline.ts';
import type { ExporterNode } from './exporter-node.ts';
import type { Surroundings } from './host-factory.ts';
import { type Machine, thisMachine } from './machine.ts';
import { buildGraph, type PipelineGraph } from './pipeline-graph.ts';
import { describePipelines, type PipelineOverview } from './pipeline-overview.ts';
import { StallWatch } from './stall-watch.ts';
import { StatusBoard } from './status-board.ts';
import { StorageNode } from './storage-node.ts';
import { systemClock } from './system-clock.ts';
import { observeEngine } from './telemetry/engine-metrics.ts';
import { observeProcess } from './telemetry/process-metrics.ts';
import { SelfTelemetry } from './telemetry/self-telemetry.ts';

export interface CollectorOptions {
  readonly config: ResolvedConfig;
  readonly logger: Logger;
  readonly version: string;
  readonly clock?: Clock;
  /** What stands in for this computer's files, processes and randomness. For simulations. */
  readonly machine?: Machine;
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

/** A component of the running graph that has a life of its own. */
interface Running {
  readonly kind: Kind;
  readonly id: string;
  readonly lifecycle: Lifecycle;
}

/**
 * The pipelines of one configuration, from build over start to shutdown. Extensions start first, then exporters,
 * processors and connectors, and receivers, so that nobody hands data to somebody who is not ready; shutdown goes the other way.
 */
export class Collector {
  readonly config: ResolvedConfig;
  readonly graph: PipelineGraph;
  readonly #around: Surroundings;
  readonly #mill: Mill;
  readonly #parts: Assembly;
  readonly #stopObserving: () => void;
  /** Resolved when a shutdown is asked for, which may be during the start. */
  readonly #asked = Promise.withResolvers<void>();
  #stopping: Promise<ShutdownReport> | undefined;

  private constructor(options: {
    readonly config: ResolvedConfig;
    readonly graph: PipelineGraph;
    readonly around: Surroundings;
    readonly mill: Mill;
    readonly parts: Assembly;
  }) {
    this.config = options.config;
    this.graph = options.graph;
    this.#around = options.around;
    this.#mill = options.mill;
    this.#parts = options.parts;
    const { telemetry, arena } = options.around;
    options.around.status.pipelines = () => this.pipelines;
    observeEngine(telemetry, { arena, mill: options.mill });
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
    const { threads, heapMb, deadlineMs } = config.service.workers;
    const { bytesInFlightMax } = config.service;
    const arena = new Arena({ bytesInFlightMax, shared: threads > 0, debug: options.debug === true });
    const mill = createMill({ threads, heapMb, deadlineMs, arena, logger });
    const status = new StatusBoard(clock);
    const extensions = new Map<string, Lifecycle>();
    const stalls = new StallWatch({ clock, logger, status });
    const around = { clock, logger, telemetry, status, stalls, arena, version, machine, extensions };
    try {
      const parts = assemble({ config, graph, around, mill, extensions });
      return new Collector({ config, graph, around, mill, parts });
    } catch (error) {
      await mill.shutdown();
      await telemetry.shutdown();
      throw error;
    }
  }

  /** Starts everything. When one component cannot start, all are stopped again and its error is thrown. */
  async start(): Promise<void> {
    try {
      const plans = [...this.graph.stages, ...this.graph.encodes].map(({ plan }) => plan);
      const { extensions, exporters, gates, stateful, receivers } = this.#parts;
      const millReady = this.#mill.start(plans);
      millReady.catch(() => undefined); // Awaited below, once the others are on their way.
      await this.#around.telemetry.start();
      for (const [id, lifecycle] of extensions) await this.#startOne({ kind: 'extension', id, lifecycle });
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
      for (const [id, lifecycle] of receivers) await this.#startOne({ kind: 'receiver', id, lifecycle });
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
      await this.#begun({ kind, id, lifecycle });
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

  /** Nothing more may be started once a shutdown has begun. */
  #stopIfAsked(): void {
    if (this.#stopping === undefined) return;
    throw new ComponentError('a shutdown was asked for while it started', { code: 'START_INTERRUPTED' });
  }

  async #begun({ kind, id, lifecycle }: Running): Promise<void> {
    const { clock, stalls } = this.#around;
    const { startTimeoutMs } = this.config.service;
    const call = { kind, id, call: 'start', limitMs: START_LIMIT_MS } as const;
    this.#stopIfAsked();
    const work = stalls.watch(call, () => lifecycle.start?.());
    work.catch(() => undefined); // What it says after it was given up does not matter any more.
    const isOver = await before(clock, clock.monotonic() + startTimeoutMs, Promise.race([work, this.#asked.promise]));
    this.#stopIfAsked();
    if (isOver) return;
    throw new ComponentError(`it did not finish starting within ${startTimeoutMs / 1000} s`, {
      code: 'START_TIMEOUT',
      remedy: 'look at what it waits for; if it needs longer, raise service.start_timeout',
    });
  }

  /**
   * Stops taking data in, drains everything, stops every component. Ends within `service.shutdown_timeout` and reports
   * what was left. Calling it again gives the same result.
   */
  shutdown(): Promise<ShutdownReport> {
    this.#asked.resolve();
    this.#stopping ??= this.#shutdown();
    return this.#stopping;
  }

  async #shutdown(): Promise<ShutdownReport> {
    const { clock, status } = this.#around;
    const { extensions, exporters, gates, stages, intakes, receivers } = this.#parts;
    status.ready = false;
    const { shutdownTimeoutMs } = this.config.service;
    const end = clock.monotonic() + shutdownTimeoutMs;
    const deliverUntil = end - shutdownTimeoutMs * SETTLE_SHARE;
    for (const intake of intakes) intake.close();
    const receiversStopped = Promise.all(
      [...receivers].map(([id, lifecycle]) => this.#stopOne({ kind: 'receiver', id, lifecycle })),
    );
    await this.#drain(halfWay(clock, end));
    let leftItems = 0;
    let keptItems = 0;
    const stopExporter = async (node: ExporterNode) => {
      const remains = await node.drain(deliverUntil);
      leftItems += remains.leftItems;
      keptItems += remains.keptItems;
      await node.stop();
    };
    await before(
      clock,
      end,
      Promise.all(
        [...exporters].map(([id, node]) => {
          return this.#stopOne({ kind: 'exporter', id, lifecycle: { shutdown: () => stopExporter(node) } });
        }),
      ),
    );
    await before(clock, end, receiversStopped);
    for (const { component } of this.#parts.stateful.values()) leftItems += component.heldItems ?? 0;
    const openSubmissions = [...stages.values()].reduce((sum, stage) => sum + stage.openSubmissions, 0);
    for (const [id, lifecycle] of gates) {
      await before(clock, end, this.#stopOne({ kind: 'processor', id, lifecycle }));
    }
    for (const [id, lifecycle] of [...extensions].toReversed()) {
      // A storage writes what was delivered down, or it would come again.
      const until = lifecycle instanceof StorageNode ? Math.max(end, clock.monotonic() + STORAGE_CLOSE_MS) : end;
      await before(clock, until, this.#stopOne({ kind: 'extension', id, lifecycle }));
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
      await before(clock, halfWay(clock, end), this.#stopOne({ kind, id, lifecycle: component }));
    }
    await before(clock, end, this.#settle());
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
    const { clock } = this.#around;
    this.#stopObserving();
    // Grinds that never end must not hold the process.
    await before(clock, clock.monotonic() + WORKERS_END_MS, this.#mill.shutdown());
    await this.#around.telemetry.shutdown();
  }

  /** Every pipeline with what its acknowledgement means. */
  get pipelines(): readonly PipelineOverview[] {
    return describePipelines(this.config, this.#parts.exporters);
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

/** A component that is still starting by then is named. */
const START_LIMIT_MS = 10_000;

/** How long a storage has to close, at least. */
const STORAGE_CLOSE_MS = 1_000;

/** How long workers have to end after everything else has. */
const WORKERS_END_MS = 2_000;

/** Part of a shutdown's time that is kept to find out what was not delivered, and to stop. */
const SETTLE_SHARE = 0.05;

function halfWay(clock: Clock, end: number): number {
  return (clock.monotonic() + end) / 2;
}
