import { type Batch, type ConnectorHost, messageOf, permanent, type StatefulConnector } from '@millrace/api';
import { LRUCache } from 'lru-cache';
import type { Aggregator } from './aggregator.ts';
import { latin1 } from './dimensions.ts';
import type { Flush, MetricsWriter } from './metrics-writer.ts';
import type { ResourceGroup, ResourceGroups } from './resource-groups.ts';
import type { Series } from './series-table.ts';

export interface SpanMetricsSettings {
  readonly flushIntervalMs: number;
  readonly isDelta: boolean;
  /** 0: never. */
  readonly groupExpirationMs: number;
  /** 0: never. */
  readonly seriesExpirationMs: number;
  /** Series whose last point is known, with delta temporality. */
  readonly timestampsMax: number;
}

export interface SpanMetricsParts {
  readonly groups: ResourceGroups;
  readonly aggregator: Aggregator;
  readonly writer: MetricsWriter;
}

/** Metrics leave in requests of about this size, as memory for a very large one may be hard to get. */
const REQUEST_BYTES = 1024 * 1024;
/** Pause before memory is asked for again, when the collector ends. */
const RETRY_MS = 100;

/**
 * Sums spans up and passes the sums on from time to time. Spans are acknowledged when they are counted. While a flush is
 * under way the next one waits: what has been counted by then leaves with it.
 */
export class SpanMetrics implements StatefulConnector {
  readonly #settings: SpanMetricsSettings;
  readonly #parts: SpanMetricsParts;
  readonly #host: ConnectorHost;
  /** Ends of the last points in nanoseconds, with delta temporality. */
  readonly #lastPoints: LRUCache<string, bigint>;
  #cancelTimer: (() => void) | undefined;
  #isClosing = false;
  #flushing: Promise<void> | undefined;
  /** Spans that no flush has begun to pass on. */
  #counted = 0;
  /** Spans whose flush is under way. */
  #leaving = 0;
  /** The last flush began series with a 0, and their sums are still to come. */
  #owesSums = false;

  constructor(settings: SpanMetricsSettings, parts: SpanMetricsParts, host: ConnectorHost) {
    this.#settings = settings;
    this.#parts = parts;
    this.#host = host;
    this.#lastPoints = new LRUCache({ max: settings.timestampsMax });
  }

  get heldItems(): number {
    return this.#counted + this.#leaving;
  }

  start(): void {
    this.#cancelTimer = this.#host.clock.after(this.#settings.flushIntervalMs, () => {
      this.start();
      if (this.#flushing === undefined) void this.#flush();
      else this.#host.logger.warn('metrics wait for the last ones to be taken');
    });
  }

  consume(batch: Batch): Promise<void> {
    const nowMs = this.#host.clock.now();
    try {
      for (const chunk of batch.chunks) this.#counted += this.#parts.aggregator.add(chunk, nowMs);
    } catch (error) {
      return Promise.reject(permanent(`cannot count spans: ${messageOf(error)}`, { cause: error }));
    } finally {
      batch.release();
    }
    if (this.#isClosing) void this.settled();
    return Promise.resolve();
  }

  async shutdown(): Promise<void> {
    this.#isClosing = true;
    this.#cancelTimer?.();
    await this.settled();
  }

  async settled(): Promise<void> {
    for (;;) {
      await this.#flushing;
      if (this.#counted === 0 && !this.#owesSums) return;
      if (this.#flushing === undefined && !(await this.#flush())) await this.#pause();
    }
  }

  /** False where there was no memory. */
  async #flush(): Promise<boolean> {
    const { passing, isComplete } = this.#passAll();
    const flushing = Promise.all(passing).then(() => {
      this.#leaving = 0;
      this.#flushing = undefined;
    });
    this.#flushing = flushing;
    await flushing;
    return isComplete;
  }

  /** Hands everything over that has been counted. What there is no memory for stays, and leaves next time. */
  #passAll(): { readonly passing: readonly Promise<void>[]; readonly isComplete: boolean } {
    const { groups, writer } = this.#parts;
    const passing: Promise<void>[] = [];
    const nowMs = this.#host.clock.now();
    let written: ResourceGroup[] = [];
    this.#owesSums = false;
    try {
      for (const group of groups.all()) {
        if (group.size === 0) {
          this.#afterwards(group, nowMs);
          continue;
        }
        writer.add(group, this.#flushOf(group, nowMs));
        written.push(group);
        if (writer.length < REQUEST_BYTES) continue;
        passing.push(this.#pass(written, nowMs));
        written = [];
      }
      if (written.length > 0) passing.push(this.#pass(written, nowMs));
    } catch (error) {
      writer.take();
      this.#owesSums = true;
      this.#host.logger.warn('no memory for metrics: they leave later', { reason: messageOf(error) });
      return { passing, isComplete: false };
    }
    this.#leaving = this.#counted;
    this.#counted = 0;
    const resources = groups.takeLost();
    if (resources > 0) {
      const remedy = 'raise resource_metrics_cache_size, or name resource_metrics_key_attributes';
      this.#host.logger.warn('metrics of resources were forgotten unsent', { resources, remedy });
    }
    return { passing, isComplete: true };
  }

  /** Throws where there is no memory for the batch; then nothing has happened. */
  #pass(written: readonly ResourceGroup[], nowMs: number): Promise<void> {
    const batch = this.#host.makeBatch([this.#parts.writer.take()]);
    const { items } = batch;
    for (const group of written) this.#afterwards(group, nowMs);
    return this.#host.next([batch]).catch((error: unknown) => {
      this.#host.logger.error('dropping metrics', { items, reason: messageOf(error) });
    });
  }

  #flushOf(group: ResourceGroup, nowMs: number): Flush {
    return {
      timeNano: nanosecondsOf(nowMs),
      isLast: this.#isLastOf(group),
      startOf: (table, series) =>
        (this.#settings.isDelta ? this.#lastPoints.get(pointId(group, table.name, series)) : undefined) ??
        series.startNano,
    };
  }

  /** What has left need not be kept: exemplars, with delta temporality everything, and what has not been seen for long. */
  #afterwards(group: ResourceGroup, nowMs: number): void {
    const { isDelta, groupExpirationMs, seriesExpirationMs } = this.#settings;
    const { groups } = this.#parts;
    const isOver = (expirationMs: number, lastSeenMs: number) => expirationMs > 0 && nowMs - lastSeenMs >= expirationMs;
    if (isDelta) this.#notePoints(group, nowMs);
    const isLast = this.#isLastOf(group);
    const owesSums = !isLast && group.tables.some((table) => table.some(({ isNew }) => isNew));
    this.#owesSums ||= owesSums && !isDelta;
    if (isDelta || groups.isEvicted(group) || (!owesSums && isOver(groupExpirationMs, group.lastSeenMs))) {
      groups.remove(group);
      return;
    }
    for (const table of group.tables) {
      // A series that began with 0 stays until its sum has left.
      table.removeWhere(({ isNew, lastSeenMs }) => (isLast || !isNew) && isOver(seriesExpirationMs, lastSeenMs));
      for (const series of table.all()) {
        series.isNew = false;
        series.exemplars = [];
      }
    }
  }

  /** Whether nothing of a group comes after this flush. */
  #isLastOf(group: ResourceGroup): boolean {
    return this.#isClosing || this.#parts.groups.isEvicted(group);
  }

  #notePoints(group: ResourceGroup, nowMs: number): void {
    for (const table of group.tables) {
      for (const series of table.all()) {
        this.#lastPoints.set(pointId(group, table.name, series), nanosecondsOf(nowMs));
      }
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#host.clock.after(RETRY_MS, resolve));
  }
}

function pointId(group: ResourceGroup, table: string, series: Series): string {
  return `${table} ${latin1(series.key)} ${group.key}`;
}

function nanosecondsOf(ms: number): bigint {
  return BigInt(Math.round(ms)) * 1_000_000n;
}
