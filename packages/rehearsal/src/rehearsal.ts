import {
  type ClientContext,
  DeliveryError,
  type Logger,
  type Outgoing,
  permanent,
  type ReceiverHost,
  retryable,
  type Signal,
} from '@millrace/api';
import type { ResolvedConfig } from '@millrace/config';
import { SimulatedFileSystem } from '@millrace/delivery/simulated-file-system';
import { Collector, type Machine, silentLogger } from '@millrace/engine';
import { withoutOutside } from './stand-ins.ts';
import { StillClock } from './still-clock.ts';

export interface RehearsalOptions {
  readonly config: ResolvedConfig;
  /** Milliseconds since 1970 at which it begins. */
  readonly startMs?: number;
  /** What components say goes here; default: nowhere. */
  readonly logger?: Logger;
}

/** What an exporter was given. */
export interface Delivery {
  readonly exporter: string;
  readonly signal: Signal;
  /** An OTLP export request. */
  readonly request: Uint8Array;
  readonly items: number;
  /** Since the start of the rehearsal. */
  readonly atMs: number;
}

/** What an exporter says to what it is given. `refuses`: for good; `unavailable`: for now. */
export type Demeanour = 'accepts' | 'refuses' | 'unavailable';

/** What a receiver's client would have been told by now. */
export type Answer =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'accepted'; readonly items: number }
  | { readonly kind: 'refused'; readonly error: DeliveryError };

export interface Input {
  readonly receiver: string;
  readonly signal: Signal;
  /** An OTLP export request. */
  readonly request: Uint8Array;
  readonly context?: ClientContext | undefined;
}

/**
 * A configuration that runs in the real engine, but without its outside: no sockets, no files, no threads, and a clock
 * that stands still until somebody advances it. The same inputs and steps give the same outputs.
 */
export class Rehearsal {
  readonly clock: StillClock;
  readonly #collector: Collector;
  readonly #receivers: ReadonlyMap<string, ReceiverHost>;
  readonly #deliveries: Delivery[];
  readonly #demeanours: Map<string, Demeanour>;

  private constructor(fields: {
    readonly clock: StillClock;
    readonly collector: Collector;
    readonly receivers: ReadonlyMap<string, ReceiverHost>;
    readonly deliveries: Delivery[];
    readonly demeanours: Map<string, Demeanour>;
  }) {
    this.clock = fields.clock;
    this.#collector = fields.collector;
    this.#receivers = fields.receivers;
    this.#deliveries = fields.deliveries;
    this.#demeanours = fields.demeanours;
  }

  /** Throws a ComponentError where a component cannot be made or started. */
  static async start({ config, startMs, logger = silentLogger }: RehearsalOptions): Promise<Rehearsal> {
    const clock = new StillClock(startMs);
    const receivers = new Map<string, ReceiverHost>();
    const deliveries: Delivery[] = [];
    const demeanours = new Map<string, Demeanour>();
    const send = async (exporter: string, { signal, bytes, items }: Outgoing) => {
      clock.stir();
      const demeanour = demeanours.get(exporter) ?? 'accepts';
      if (demeanour === 'refuses') throw permanent(`"${exporter}" refuses what it is given`, { code: 'REFUSED' });
      if (demeanour === 'unavailable') throw retryable(`"${exporter}" is unavailable`);
      deliveries.push({ exporter, signal, request: Uint8Array.from(bytes), items, atMs: clock.monotonic() });
    };
    const inside = withoutOutside(config, {
      onReceiver: (id, host) => receivers.set(id, host),
      sinkOf: (id) => (payload) => send(id, payload),
    });
    const machine = machineInMemory();
    const collector = await Collector.build({ config: inside, logger, version: 'rehearsal', clock, machine });
    await collector.start();
    return new Rehearsal({ clock, collector, receivers, deliveries, demeanours });
  }

  /** Hands a request to a receiver, and runs what can run without time passing. The result tells how it is answered. */
  async feed({ receiver, signal, request, context }: Input): Promise<() => Answer> {
    const host = this.#receivers.get(receiver);
    if (host === undefined) throw new Error(`no pipeline uses a receiver "${receiver}"`);
    let answer: Answer = { kind: 'waiting' };
    const given = async () => {
      const body = host.admit(signal, request.length);
      body.append(request);
      return host.consume(signal, { body, transport: 'rehearsal', ...(context === undefined ? {} : { context }) });
    };
    given()
      .then(
        ({ items }) => {
          answer = { kind: 'accepted', items };
        },
        (error: unknown) => {
          answer = { kind: 'refused', error: asDeliveryError(error) };
        },
      )
      .finally(() => this.clock.stir());
    await this.clock.settle();
    return () => answer;
  }

  /** What exporters were given since the last call, in order. */
  take(): Delivery[] {
    return this.#deliveries.splice(0);
  }

  /** How an exporter behaves from now on. */
  behave(exporter: string, demeanour: Demeanour): void {
    this.#demeanours.set(exporter, demeanour);
  }

  /** Shuts down as a collector does: what is held is passed on, as far as it is taken. */
  async stop(): Promise<void> {
    const state = { isOver: false };
    const over = this.#collector.shutdown().finally(() => {
      state.isOver = true;
      this.clock.stir();
    });
    await this.clock.settle();
    while (!state.isOver) {
      const dueMs = this.clock.nextDueMs;
      if (dueMs === undefined) break;
      await this.clock.advance(Math.max(0, dueMs - this.clock.monotonic()));
    }
    await over;
  }
}

function asDeliveryError(error: unknown): DeliveryError {
  return error instanceof DeliveryError ? error : permanent(String(error), { code: 'INTERNAL', cause: error });
}

/** A computer with a disk in memory, and nothing that is left to chance. */
function machineInMemory(): Machine {
  const files = new SimulatedFileSystem({ seed: 1 });
  const self = { pid: 1, host: 'rehearsal', boot: 'rehearsal', pidNamespace: 'rehearsal', started: 'rehearsal' };
  return {
    random: () => 0.5,
    randomBytes: (count) => new Uint8Array(count).fill(1),
    files: () => files.mount(),
    processes: () => ({ self, fate: (owner) => (owner.pid === self.pid ? 'alive' : 'dead') }),
  };
}
