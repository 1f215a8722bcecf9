import { setTimeout as sleep } from 'node:timers/promises';
import { ComponentError, messageOf } from '@millrace/api';
import { type ArrivalTotals, NumberSet, type RunTotals, type Verification } from '@millrace/load';

const POLL_MS = 50;
const ANSWER_MS_MAX = 10_000;
const NOTHING: RunTotals = { received: 0, distinct: 0 };

/** The counts of a `generate sink`. */
export class SinkCounts {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url.replace(/\/$/, '');
  }

  /** Throws a ComponentError where nobody answers there, or no sink. */
  async totals(): Promise<ArrivalTotals> {
    const response = await this.#get('/');
    try {
      const totals = (await response.json()) as Partial<ArrivalTotals>;
      if (totals.runs !== undefined) return totals as ArrivalTotals;
    } catch {
      // It is no JSON.
    }
    throw this.#unfit('it does not answer as a sink does');
  }

  /**
   * Waits until all acknowledged items have arrived, or nothing has for `settleMs`, and compares them one by one.
   */
  async verify(run: string, acknowledged: NumberSet, settleMs: number): Promise<Verification> {
    let before = await this.#run(run);
    let changedMs = performance.now();
    while (before.distinct < acknowledged.size && performance.now() - changedMs < settleMs) {
      await sleep(POLL_MS);
      const now = await this.#run(run);
      if (now.received !== before.received) changedMs = performance.now();
      before = now;
    }
    const bytes = await (await this.#get(`/runs/${run}`)).arrayBuffer();
    const arrived = new NumberSet(new Uint8Array(bytes));
    const { received, distinct } = await this.#run(run);
    return {
      arrived: arrived.size,
      lost: acknowledged.countMissingFrom(arrived),
      duplicated: received - distinct,
      unacknowledged: arrived.countMissingFrom(acknowledged),
    };
  }

  async #run(run: string): Promise<RunTotals> {
    return (await this.totals()).runs[run] ?? NOTHING;
  }

  async #get(path: string): Promise<Response> {
    try {
      return await fetch(`${this.#url}${path}`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    } catch (error) {
      const { cause } = error as Error;
      throw this.#unfit(cause === undefined ? messageOf(error) : messageOf(cause));
    }
  }

  #unfit(why: string): ComponentError {
    return new ComponentError(`--verify ${this.#url}: ${why}`, {
      code: 'SINK_UNAVAILABLE',
      remedy: 'start `millrace generate sink`; it prints where its counts are',
    });
  }
}
