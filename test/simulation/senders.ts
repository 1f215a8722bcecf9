import { DeliveryError, messageOf } from '@millrace/api';
import type { SeededRandom, TestReceiver } from '@millrace/testkit';
import { requestOf } from './items.ts';
import type { Life, SimulatedClock } from './life.ts';
import type { RequestPlan } from './scenario.ts';
import type { Trace } from './trace.ts';

/** A request as its sender sees it. */
export interface Sent {
  readonly plan: RequestPlan;
  state: 'planned' | 'asking' | 'waiting' | 'acknowledged' | 'refused';
  /** How often it was offered. */
  offers: number;
  /** Number of the life that acknowledged it. */
  acknowledgedIn: number | undefined;
}

/** The life that runs, with its receiver. */
export interface Running {
  readonly life: Life;
  readonly receiver: TestReceiver;
}

/** Clients that send again until they hear that their data was taken, or can never be. They outlive the process. */
export class Senders {
  readonly sent: readonly Sent[];
  /** What senders were told that makes no sense to them. */
  readonly strange: string[] = [];
  readonly #clock: SimulatedClock;
  readonly #random: SeededRandom;
  readonly #trace: Trace;
  #running: Running | undefined;

  constructor(
    plans: readonly RequestPlan[],
    around: { readonly clock: SimulatedClock; readonly random: SeededRandom; readonly trace: Trace },
  ) {
    this.#clock = around.clock;
    this.#random = around.random;
    this.#trace = around.trace;
    this.sent = plans.map((plan) => ({ plan, state: 'planned', offers: 0, acknowledgedIn: undefined }));
    for (const sent of this.sent) this.#clock.after(sent.plan.atMs, () => this.#offer(sent));
  }

  /** Whether every sender has its answer. */
  get areDone(): boolean {
    return this.sent.every(({ state }) => state === 'acknowledged' || state === 'refused');
  }

  /** Requests under way. */
  get asking(): readonly Sent[] {
    return this.sent.filter(({ state }) => state === 'asking');
  }

  connect(running: Running): void {
    this.#running = running;
  }

  /** The process is gone: who waits for an answer will not get one, and asks again later. */
  disconnect(): void {
    this.#running = undefined;
    for (const sent of this.asking) this.#later(sent, 500);
  }

  #later(sent: Sent, delayMs: number): void {
    sent.state = 'waiting';
    this.#clock.after(delayMs, () => this.#offer(sent));
  }

  #offer(sent: Sent): void {
    const running = this.#running;
    if (running === undefined || !running.life.lives) {
      this.#later(sent, 300);
      return;
    }
    const { signal, ids } = sent.plan;
    const { life } = running;
    sent.state = 'asking';
    sent.offers += 1;
    this.#trace.note('offered', ids);
    running.receiver.send(signal, requestOf(signal, ids)).then(
      () => {
        if (!life.lives || sent.state !== 'asking') return;
        sent.state = 'acknowledged';
        sent.acknowledgedIn = life.number;
        this.#trace.note('acknowledged', ids);
      },
      (error: unknown) => {
        if (life.lives && sent.state === 'asking') this.#refused(sent, error);
      },
    );
  }

  #refused(sent: Sent, error: unknown): void {
    const { ids } = sent.plan;
    if (!(error instanceof DeliveryError) || isOurFault(error)) {
      this.strange.push(messageOf(error));
      this.#trace.note(`refused strangely: ${messageOf(error)}`, ids);
      sent.state = 'refused';
      return;
    }
    this.#trace.note(
      `refused${error.retryable ? ' for now' : ''}: ${error.code}${error.code === 'MEMORY_BUDGET' ? ` ${error.message}` : ''}`,
      ids,
    );
    if (error.retryable) this.#later(sent, Math.max(error.retryAfterMs ?? 0, this.#random.between(100, 800)));
    else sent.state = 'refused';
  }
}

/** What destinations and components throw on purpose. */
const ON_PURPOSE = /it is not a function|this item is too much for me/;

/** Whether something is behind a refusal that nobody threw on purpose. */
function isOurFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (!(error instanceof DeliveryError) && !ON_PURPOSE.test(error.message) && !('code' in error)) return true;
  return isOurFault(error.cause);
}
