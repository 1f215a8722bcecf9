import { type ClientContext, type Outgoing, permanent, retryable, type Signal, type Sink } from '@millrace/api';

/** What a {@link ScriptedSink} does with one payload. */
export type SinkAct = (payload: Outgoing) => Promise<void>;

/** A payload that a sink was given, copied. */
export interface SunkPayload {
  readonly signal: Signal;
  readonly bytes: Uint8Array;
  readonly items: number;
  readonly context: ClientContext | undefined;
}

export const accept: SinkAct = () => Promise.resolve();

export const refusePermanently: SinkAct = () => Promise.reject(permanent('the destination refuses this for good'));

export const refuseForNow: SinkAct = () => Promise.reject(retryable('the destination is busy'));

/** Never answers, but lets go when it is told to. */
export const hang: SinkAct = ({ abort }) =>
  new Promise((_resolve, reject) => {
    const letGo = () => reject(retryable('aborted', { code: 'ABORTED' }));
    if (abort.aborted) letGo();
    else abort.addEventListener('abort', letGo, { once: true });
  });

/** A sink that records what it accepts, and does as its script says: act after act, then `otherwise`. */
export class ScriptedSink implements Sink {
  guarantee: 'memory' | 'safe' = 'safe';
  /** What was accepted, in order. */
  readonly accepted: SunkPayload[] = [];
  readonly script: SinkAct[] = [];
  otherwise: SinkAct = accept;
  /** What its shutdown does. */
  stop: () => void | Promise<void> = () => undefined;
  /** Calls so far, and those without an answer. */
  calls = 0;
  open = 0;
  readonly #watchers = new Set<() => void>();
  #resume: (() => void) | undefined;

  constructor(...script: SinkAct[]) {
    this.script.push(...script);
  }

  readonly send = async (payload: Outgoing): Promise<void> => {
    this.calls++;
    this.open++;
    this.#changed();
    const kept = { ...payload, bytes: Uint8Array.from(payload.bytes) };
    try {
      await (this.script.shift() ?? this.otherwise)(payload);
      this.accepted.push({ signal: kept.signal, bytes: kept.bytes, items: kept.items, context: kept.context });
    } finally {
      this.open--;
      this.#changed();
    }
  };

  readonly shutdown = (): void | Promise<void> => this.stop();

  /** From now on nothing is answered, until `resume`; aborts are obeyed. */
  stall(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resume = resolve;
    this.otherwise = (payload) => Promise.race([promise, hang(payload)]);
  }

  /** Accepts what the stall held up, and all that follows. */
  resume(): void {
    this.otherwise = accept;
    this.#resume?.();
  }

  /** Items accepted so far. */
  get items(): number {
    return this.accepted.reduce((sum, { items }) => sum + items, 0);
  }

  /** Resolves once `condition` holds; looked at whenever a call begins or ends. */
  until(condition: (sink: this) => boolean): Promise<void> {
    if (condition(this)) return Promise.resolve();
    return new Promise((resolve) => {
      const watch = () => {
        if (!condition(this)) return;
        this.#watchers.delete(watch);
        resolve();
      };
      this.#watchers.add(watch);
    });
  }

  #changed(): void {
    for (const watch of this.#watchers) watch();
  }
}
