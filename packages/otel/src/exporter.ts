import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { handOver } from './hand-over.ts';
import { Losses } from './losses.ts';

export interface ExporterSettings<T> {
  /** For messages: the class, and what its items are called. */
  readonly who: string;
  readonly items: string;
  readonly exportTimeoutMillis: number;
  readonly count: (batch: T) => number;
  readonly encode: (batch: T) => Promise<Uint8Array>;
  readonly send: (request: Uint8Array) => Promise<unknown>;
}

/** What the exporters of all signals do: hand each batch over, and tell the SDK what came of it. */
export class Exporter<T> {
  readonly #settings: ExporterSettings<T>;
  readonly #losses: Losses;
  readonly #underWay = new Set<Promise<void>>();
  #isStopped = false;

  constructor(settings: ExporterSettings<T>) {
    this.#settings = settings;
    this.#losses = new Losses(settings.who, settings.items);
  }

  export(batch: T, done: (result: ExportResult) => void): void {
    if (this.#isStopped) {
      done({ code: ExportResultCode.FAILED, error: new Error(`${this.#settings.who} was shut down`) });
      return;
    }
    const sent = this.#send(batch).then(
      () => done({ code: ExportResultCode.SUCCESS }),
      (error: unknown) => {
        this.#losses.refused(this.#settings.count(batch), error);
        done({ code: ExportResultCode.FAILED, error: error instanceof Error ? error : new Error(String(error)) });
      },
    );
    const settled = sent.finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
  }

  /** Resolves when nothing is on its way any more. */
  async forceFlush(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  async shutdown(): Promise<void> {
    this.#isStopped = true;
    await this.forceFlush();
  }

  async #send(batch: T): Promise<void> {
    const { encode, send, exportTimeoutMillis } = this.#settings;
    const request = await encode(batch);
    await handOver(() => send(request), exportTimeoutMillis);
  }
}
