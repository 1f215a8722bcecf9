import type { Announcement, ComponentReport, Signal } from '@millrace/api';
import type { Collector, ComponentCost, Guarantee, ReloadOutcome, Series } from '@millrace/engine';
import { version } from '../version.ts';

/** What a collector tells over its control socket of how it is doing. */
export interface ControlStatus {
  readonly version: string;
  readonly pid: number;
  /** In milliseconds since the Unix epoch. */
  readonly atMs: number;
  readonly uptimeMs: number;
  readonly ready: boolean;
  /** Main thread and workers, since the start. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly workers: {
    /** 0: everything is done on the main thread. */
    readonly threads: number;
    readonly running: number;
    readonly waiting: number;
    readonly lost: number;
  };
  readonly bytesInFlight: number;
  readonly bytesInFlightMax: number;
  readonly lastReload: ReloadOutcome | undefined;
  readonly pipelines: readonly ControlPipeline[];
  readonly components: readonly ComponentReport[];
  readonly costs: readonly ComponentCost[];
  readonly series: readonly Series[];
}

/** A pipeline of the running graph. */
export interface ControlPipeline {
  readonly id: string;
  readonly signal: Signal;
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
  readonly guarantee: Guarantee;
}

/** The graph, with where it can be looked at. */
export interface ControlGraph {
  readonly pipelines: readonly ControlPipeline[];
  readonly places: readonly Announcement[];
  /** What `tap` takes. */
  readonly taps: readonly string[];
}

export function statusOf(collector: Collector): ControlStatus {
  const { threads, running, waiting, workersLost } = collector.workers;
  const { user, system } = process.cpuUsage();
  const { bytesInFlight, components } = collector.snapshot();
  return {
    version,
    pid: process.pid,
    atMs: Date.now(),
    uptimeMs: Math.round(process.uptime() * 1_000),
    ready: collector.ready,
    cpuMs: (user + system) / 1_000,
    rssBytes: process.memoryUsage.rss(),
    workers: { threads, running, waiting, lost: workersLost },
    bytesInFlight,
    bytesInFlightMax: collector.config.service.bytesInFlightMax,
    lastReload: collector.lastReload,
    pipelines: pipelinesOf(collector),
    components,
    costs: collector.costs,
    series: collector.series,
  };
}

export function graphOf(collector: Collector): ControlGraph {
  return { pipelines: pipelinesOf(collector), places: collector.announcements, taps: collector.observable };
}

function pipelinesOf({ pipelines }: Collector): readonly ControlPipeline[] {
  return pipelines.map(({ id, signal, receivers, processors, exporters, guarantee }) => {
    return { id, signal, receivers, processors, exporters, guarantee };
  });
}
