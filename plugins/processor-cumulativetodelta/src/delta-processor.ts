import {
  type Batch,
  DeliveryError,
  messageOf,
  permanent,
  type StatefulHost,
  type StatefulProcessor,
} from '@millrace/api';
import { MetricsBatch } from '@millrace/otlp';
import { Converter, type Value } from './converter.ts';
import type { DeltaSettings } from './delta-settings.ts';
import { SeriesStore } from './series-store.ts';
import { DeltaMetrics, Tally } from './tally.ts';

interface Waiting {
  readonly batch: Batch;
  readonly settle: (error: DeliveryError | undefined) => void;
}

/**
 * Converts batches and passes them on, one group at a time: what arrives while a group is under way makes up the next. A
 * sender is answered when its group is taken. One that is refused leaves no trace in what is remembered, so that neither
 * the same points, sent again, nor later ones miss what it had counted.
 */
export class DeltaProcessor implements StatefulProcessor {
  readonly #host: StatefulHost;
  readonly #staleMs: number;
  readonly #storage: string | undefined;
  readonly #converter: Converter;
  readonly #metrics: DeltaMetrics;
  #waiting: Waiting[] = [];
  #passing: Promise<void> | undefined;
  #cancelSweep: (() => void) | undefined;
  #store: SeriesStore<Value> | undefined;
  #isOver = false;

  constructor(settings: DeltaSettings, host: StatefulHost) {
    this.#host = host;
    this.#staleMs = settings.max_staleness;
    this.#storage = settings.storage;
    this.#converter = new Converter(settings, host.clock.now());
    this.#metrics = new DeltaMetrics(host, () => this.#converter.series.size);
  }

  async start(): Promise<void> {
    if (this.#storage !== undefined) {
      this.#store = new SeriesStore(this.#host.state(this.#storage), this.#host.logger);
      await this.#store.takeInto(this.#converter.series);
    }
    if (this.#staleMs === 0) return;
    this.#converter.series.forget(this.#host.clock.now() - this.#staleMs);
    this.#sweepLater();
  }

  consume(batch: Batch): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ batch, settle: (error) => (error === undefined ? resolve() : reject(error)) });
    this.#passing ??= this.#passAll();
    return promise;
  }

  /** Batches that still come are converted and passed on as before. */
  async shutdown(): Promise<void> {
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    await this.#passing;
    this.#metrics.stop();
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#store?.save(this.#converter.series);
  }

  async #passAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0);
      const batches = group.map(({ batch }) => batch);
      const error = await (this.#isOver ? this.#passLate(batches) : this.#pass(batches));
      for (const { settle } of group) settle(error);
    }
    this.#passing = undefined;
  }

  /** What comes behind the end belongs to what was stored there. */
  async #passLate(batches: readonly Batch[]): Promise<DeliveryError | undefined> {
    try {
      await this.#store?.invalidate();
    } catch (error) {
      for (const batch of batches) batch.release();
      return errorOf(error);
    }
    const error = await this.#pass(batches);
    await this.#store?.save(this.#converter.series);
    return error;
  }

  async #pass(batches: readonly Batch[]): Promise<DeliveryError | undefined> {
    const { series } = this.#converter;
    const tally = new Tally();
    const made: Batch[] = [];
    try {
      for (const batch of batches) {
        const converted = this.#convert(batch, tally);
        if (converted !== undefined) made.push(converted);
      }
    } catch (error) {
      series.rollBack();
      for (const batch of made) batch.release();
      return errorOf(error);
    } finally {
      for (const batch of batches) batch.release();
    }
    try {
      if (made.length > 0) await this.#host.next(made);
    } catch (error) {
      series.rollBack();
      return errorOf(error);
    }
    series.commit();
    tally.addTo(this.#metrics);
    return undefined;
  }

  /** What goes on in place of a batch, of which nothing may be left; leaves the batch to its owner. */
  #convert(batch: Batch, tally: Tally): Batch | undefined {
    const metrics = MetricsBatch.of(batch.chunks);
    this.#converter.convert(metrics, this.#host.clock.now(), tally);
    const { chunks } = metrics;
    if (chunks.length === batch.chunks.length && chunks.every((chunk, i) => chunk === batch.chunks[i])) {
      return batch.share();
    }
    return metrics.itemCount === 0 ? undefined : this.#host.makeBatch(chunks, batch);
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#host.clock.after(this.#staleMs, () => void this.#sweep());
  }

  /** Not amid a group, whose changes may yet be taken back. */
  async #sweep(): Promise<void> {
    this.#sweepLater();
    const before = this.#host.clock.now() - this.#staleMs;
    await this.#passing;
    if (this.#passing === undefined) this.#converter.series.forget(before);
  }
}

function errorOf(error: unknown): DeliveryError {
  return error instanceof DeliveryError ? error : permanent(messageOf(error), { cause: error });
}
