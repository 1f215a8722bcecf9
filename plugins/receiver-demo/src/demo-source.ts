import { type DeliveryError, type Lifecycle, messageOf, type ReceiverHost, type Signal } from '@millrace/api';
import type { DemoConfig } from './index.ts';
import type { Scene } from './demo-decoder.ts';
import { ITEMS_PER_VISIT } from './visit.ts';

const TICK_MS = 100;
const EMPTY = new Uint8Array(0);

/**
 * Says at each tick how many visits the shop had; the decoder tells what happened in them. A visit gives the same
 * story to every signal, so that logs, spans and metrics belong together.
 */
export class DemoSource implements Lifecycle {
  readonly #config: DemoConfig;
  readonly #host: ReceiverHost;
  #cancel: (() => void) | undefined;
  #lastMs = 0;
  /** Visits that are due but for a fraction. */
  #due = 0;
  #visit: number;
  readonly #underWay = new Set<Promise<void>>();

  constructor(config: DemoConfig, host: ReceiverHost) {
    this.#config = config;
    this.#host = host;
    this.#visit = config.seed * 1_000_003;
  }

  start(): void {
    this.#lastMs = this.#host.clock.monotonic();
    this.#schedule();
  }

  async shutdown(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    await Promise.all(this.#underWay);
  }

  #schedule(): void {
    this.#cancel = this.#host.clock.after(TICK_MS, () => {
      this.#tick();
      this.#schedule();
    });
  }

  #tick(): void {
    const { clock, signals } = this.#host;
    const nowMs = clock.monotonic();
    this.#due += (((nowMs - this.#lastMs) / 1_000) * this.#config.items_per_second) / itemsPerVisit(signals);
    this.#lastMs = nowMs;
    const visits = Math.floor(this.#due);
    if (visits === 0) return;
    this.#due -= visits;
    const scene: Scene = { firstVisit: this.#visit, visits, endMs: clock.now(), spanMs: TICK_MS };
    this.#visit += visits;
    for (const signal of signals) this.#send(signal, scene);
  }

  #send(signal: Signal, scene: Scene): void {
    const sent: Promise<void> = this.#host.consume(signal, { body: EMPTY, form: scene, transport: 'demo' }).then(
      () => undefined,
      (error: DeliveryError) => {
        // What is made up can be lost: it is counted as refused, and more will come.
        this.#host.logger.debug('demo data was refused', { signal, reason: messageOf(error) });
      },
    );
    this.#underWay.add(sent);
    void sent.finally(() => this.#underWay.delete(sent));
  }
}

function itemsPerVisit(signals: ReadonlySet<Signal>): number {
  let sum = 0;
  for (const signal of signals) sum += ITEMS_PER_VISIT[signal];
  return sum;
}
