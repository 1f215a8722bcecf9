import { type DeliveryError, type Outgoing, permanent, retryable, type Sink } from '@millrace/api';
import type { SeededRandom } from '@millrace/testkit';
import { type ArrivedItem, itemsIn, type SimulatedSignal } from './items.ts';
import type { ExporterPlan } from './scenario.ts';
import type { Trace } from './trace.ts';
import type { Life, SimulatedClock } from './life.ts';

/** What a destination knows of one item. */
interface Known {
  arrivals: number;
  /** Arrivals of which the collector could not know: the destination lied, answered too late, or the collector was dead. */
  unanswered: number;
  /** Calls that held it and were refused for now, or aborted. */
  failures: number;
  refusedForGood: boolean;
}

type Act = 'take' | 'fail' | 'throttle' | 'refuse' | 'refuse part' | 'crash' | 'stall' | 'deaf' | 'lie' | 'late';

/** Where an exporter sends to. It is outside of the process: it goes on when that dies. */
export class Destination {
  readonly id: string;
  readonly #plan: ExporterPlan;
  readonly #random: SeededRandom;
  readonly #clock: SimulatedClock;
  readonly #trace: Trace;
  readonly items = new Map<number, Known>();
  /** What arrived and is not what was sent. */
  readonly damaged: number[] = [];
  /** As a dead letter: ids, by the component that gave them up. */
  readonly buried = new Map<string, Set<number>>();
  /** From now on it takes all, at once. */
  isWell = false;
  /** Calls without an answer. */
  open = 0;

  constructor(
    plan: ExporterPlan,
    { random, clock, trace }: { readonly random: SeededRandom; readonly clock: SimulatedClock; readonly trace: Trace },
  ) {
    this.id = plan.id;
    this.#plan = plan;
    this.#random = random;
    this.#clock = clock;
    this.#trace = trace;
  }

  /** The sink of one life of the collector. */
  sinkOf(life: Life): Sink {
    return {
      send: async (payload) => {
        if (!life.lives) return life.never;
        this.open++;
        const error = await this.#call(payload, life).finally(() => this.open--);
        if (!life.lives) return life.never;
        if (error !== undefined) throw error;
        return undefined;
      },
    };
  }

  known(id: number): Known {
    let known = this.items.get(id);
    if (known === undefined) {
      known = { arrivals: 0, unanswered: 0, failures: 0, refusedForGood: false };
      this.items.set(id, known);
    }
    return known;
  }

  async #call({ signal, bytes, abort }: Outgoing, life: Life): Promise<Error | undefined> {
    const items = this.#read(signal as SimulatedSignal, bytes);
    const ids = items.map(({ id }) => id);
    const act = this.#act();
    this.#trace.note(`${this.id} is called: ${act}`, ids);
    const latencyMs = this.isWell ? 0 : this.#random.pick([0, 1, 20, 150]);
    if (latencyMs > 0) await this.#wait(latencyMs);
    const arrive = (which: readonly number[]) => {
      const answered = life.lives && !abort.aborted;
      for (const id of which) {
        const known = this.known(id);
        known.arrivals += 1;
        if (!answered || act === 'lie') known.unanswered += 1;
      }
      if (this.#plan.isDeadLetter) this.#bury(items);
      this.#trace.note(`${this.id} has${answered ? '' : ' (nobody hears it)'}`, which);
    };
    const fail = (error: DeliveryError) => {
      for (const id of ids) this.known(id).failures += 1;
      return error;
    };
    switch (act) {
      case 'take':
        arrive(ids);
        return undefined;
      case 'lie':
        arrive(ids);
        return fail(retryable('something went wrong'));
      case 'fail':
        return fail(retryable('busy'));
      case 'throttle':
        return fail(retryable('slow down', { retryAfterMs: this.#random.pick([0, 100, 2_000]) }));
      case 'refuse':
      case 'crash':
        for (const id of ids) this.known(id).refusedForGood = true;
        return act === 'crash' ? new TypeError('it is not a function') : permanent('malformed');
      case 'refuse part': {
        const failed = this.#random.between(1, ids.length);
        arrive(ids.slice(0, ids.length - failed));
        for (const id of ids.slice(ids.length - failed)) this.known(id).refusedForGood = true;
        return failed === ids.length
          ? permanent('malformed')
          : permanent('some are malformed', { failedItems: failed });
      }
      case 'stall':
        await this.#aborted(abort);
        return fail(retryable('aborted', { code: 'ABORTED' }));
      case 'deaf':
        // Does not listen; the collector cannot make it stop.
        await this.#wait(this.#random.between(1_000, 12_000));
        if (this.#random.chance(0.5)) return fail(retryable('no answer'));
        arrive(ids);
        return undefined;
      case 'late':
        await this.#aborted(abort);
        arrive(ids);
        return fail(retryable('aborted', { code: 'ABORTED' }));
    }
  }

  /** A dead letter takes all, and all of it. */
  #bury(items: readonly ArrivedItem[]): void {
    for (const { id, labels } of items) {
      const component = labels.get('millrace.dead_letter.component') ?? '';
      this.buried.set(component, (this.buried.get(component) ?? new Set()).add(id));
    }
  }

  #read(signal: SimulatedSignal, bytes: Uint8Array): readonly ArrivedItem[] {
    try {
      const items = itemsIn(signal, bytes);
      for (const item of items) if (!this.#isAsSent(item)) this.damaged.push(item.id);
      return items;
    } catch {
      this.damaged.push(-1);
      return [];
    }
  }

  #isAsSent({ intact, labels }: ArrivedItem): boolean {
    if (!this.#plan.isDeadLetter) return intact && labels.size === 0;
    const hasReason = labels.get('millrace.dead_letter.reason') !== undefined;
    return intact && hasReason && [...labels.keys()].every((key) => key.startsWith('millrace.dead_letter.'));
  }

  #act(): Act {
    const random = this.#random;
    const { mood, outage } = this.#plan;
    if (this.isWell) return 'take';
    const now = this.#clock.monotonic();
    if (outage !== undefined && now >= outage.fromMs && now < outage.untilMs) return 'fail';
    const drawn = random.next();
    let sum = mood.refuses;
    if (drawn < sum) return random.pick(['refuse', 'refuse part', 'crash']);
    sum += mood.fails;
    if (drawn < sum) return random.pick(['fail', 'fail', 'throttle']);
    sum += mood.stalls;
    if (drawn < sum) return random.pick(['stall', 'deaf']);
    sum += mood.lies;
    if (drawn < sum) return random.pick(['lie', 'late']);
    return 'take';
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(ms, resolve));
  }

  /** Nobody stalls forever, not even where there is no timeout. */
  #aborted(abort: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(60_000, resolve);
      const end = () => {
        cancel();
        resolve();
      };
      if (abort.aborted) end();
      else abort.addEventListener('abort', end, { once: true });
    });
  }
}
