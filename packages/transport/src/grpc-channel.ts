import { lookup } from 'node:dns/promises';
import { messageOf } from '@millrace/api';
import type { Clock, DeliveryError } from '@millrace/api';
import { formatAddress } from './endpoint.ts';
import type { Address } from './endpoint.ts';
import type { ConnectionSettings, GrpcClientConnection } from './grpc-client-connection.ts';
import { deliveryErrorOf } from './grpc-status.ts';
import { GrpcSubchannel } from './grpc-subchannel.ts';

/** A name is looked up again at most this often, when connections break. */
const RESOLVE_INTERVAL_MS = 30_000;

export interface ChannelOptions {
  readonly target: Address;
  readonly settings: ConnectionSettings;
  readonly policy: 'round_robin' | 'pick_first';
  readonly waitForReady: boolean;
  readonly random: () => number;
  /** Looks a host up; the system's resolver by default. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

/** The connections to all addresses of a server, and the choice among them. */
export class GrpcChannel {
  readonly #options: ChannelOptions;
  #settings: ConnectionSettings;
  readonly #clock: Clock;
  #subchannels: readonly GrpcSubchannel[];
  /** round_robin: the next one; pick_first: the one in use or being tried. */
  #next: number;
  #resolvedAtMs: number;
  #resolveError: string | undefined;
  #isResolving: boolean;
  #isClosed: boolean;
  readonly #waiters: Set<() => void>;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#clock = options.settings.clock;
    this.#subchannels = [];
    this.#next = 0;
    this.#resolvedAtMs = Number.NEGATIVE_INFINITY;
    this.#resolveError = undefined;
    this.#isResolving = false;
    this.#isClosed = false;
    this.#waiters = new Set();
  }

  /** Begins to connect. */
  start(): void {
    void this.#resolve();
  }

  /** Uses other settings (certificates) for connections from now on. */
  update(change: (settings: ConnectionSettings) => ConnectionSettings): void {
    this.#settings = change(this.#settings);
    for (const subchannel of this.#subchannels) subchannel.update(this.#settings);
  }

  /** Resolves once every connection is closed or `graceMs` are over. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    const connections = this.#subchannels.flatMap(({ connection }) => connection ?? []);
    for (const subchannel of this.#subchannels) subchannel.close();
    this.#wake();
    const cancel = this.#clock.after(graceMs, () =>
      connections.forEach((each) => each.destroy('the client was closed')),
    );
    await Promise.all(connections.map(({ closed }) => closed));
    cancel();
  }

  /** The connection for the next call, at once where there is one. */
  pick(): GrpcClientConnection | undefined {
    const { length } = this.#subchannels;
    if (this.#options.policy === 'pick_first') return this.#subchannels[this.#next % (length || 1)]?.connection;
    for (let tried = 0; tried < length; tried += 1) {
      const subchannel = this.#subchannels[this.#next % length];
      this.#next += 1;
      if (subchannel.connection !== undefined) return subchannel.connection;
    }
    return undefined;
  }

  /**
   * Waits for a connection. Throws a retryable error at once when none can be had at the moment, unless calls shall
   * wait; `isOver` says that the call's time has passed, `onOver` when to ask.
   */
  async wait(limit: {
    readonly isOver: () => boolean;
    readonly onOver: (wake: () => void) => () => void;
  }): Promise<GrpcClientConnection> {
    for (;;) {
      const connection = this.pick();
      if (connection !== undefined) return connection;
      if (this.#isClosed) throw this.#unavailable('the client was closed');
      this.#connect();
      const failure = this.#failure();
      if (failure !== undefined && !this.#options.waitForReady) throw this.#unavailable(failure);
      if (limit.isOver())
        throw deliveryErrorOf(
          'DEADLINE_EXCEEDED',
          `${this.#name()}: not connected in time: ${failure ?? 'still trying'}`,
        );
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiters.delete(wake);
          stop();
          resolve();
        };
        const stop = limit.onOver(wake);
        this.#waiters.add(wake);
      });
    }
  }

  /** Why no call can be served now; undefined while something is being tried. */
  #failure(): string | undefined {
    if (this.#isResolving) return undefined;
    if (this.#resolveError !== undefined) return this.#resolveError;
    const isHopeless = this.#subchannels.every(({ state }) => state === 'backoff');
    return isHopeless
      ? (this.#subchannels.findLast(({ lastError }) => lastError !== undefined)?.lastError ?? 'no address')
      : undefined;
  }

  #connect(): void {
    if (this.#subchannels.length === 0) {
      void this.#resolve();
      return;
    }
    if (this.#options.policy === 'round_robin') {
      for (const subchannel of this.#subchannels) subchannel.connect();
      return;
    }
    // pick_first: one after the other, beginning with the one that served last.
    for (let tried = 0; tried < this.#subchannels.length; tried += 1) {
      const subchannel = this.#subchannels[this.#next % this.#subchannels.length];
      if (subchannel.state !== 'backoff') {
        subchannel.connect();
        return;
      }
      this.#next += 1;
    }
  }

  #onChange(subchannel: GrpcSubchannel): void {
    if (subchannel.state === 'backoff' || (subchannel.state === 'idle' && subchannel.connection === undefined)) {
      void this.#resolve();
    }
    // round_robin keeps all of its connections up; pick_first connects when a call comes.
    if (subchannel.state === 'idle' && this.#options.policy === 'round_robin') subchannel.connect();
    this.#wake();
  }

  #wake(): void {
    for (const waiter of this.#waiters) waiter();
  }

  async #resolve(): Promise<void> {
    const now = this.#clock.monotonic();
    const interval = this.#resolveError === undefined ? RESOLVE_INTERVAL_MS : 1000;
    if (this.#isResolving || this.#isClosed || now - this.#resolvedAtMs < interval) return;
    this.#isResolving = true;
    this.#resolvedAtMs = now;
    try {
      const addresses = await this.#addresses();
      this.#resolveError = undefined;
      if (!this.#isClosed) this.#use(addresses);
    } catch (error) {
      this.#resolveError = messageOf(error);
    }
    this.#isResolving = false;
    this.#wake();
  }

  async #addresses(): Promise<Address[]> {
    const { target, resolve = lookupAll } = this.#options;
    if (target.kind === 'unix') return [target];
    const hosts = await resolve(target.host);
    return hosts.map((host) => ({ ...target, host }));
  }

  /** Keeps the connections to addresses that are still there. */
  #use(addresses: readonly Address[]): void {
    const before = new Map(this.#subchannels.map((subchannel) => [formatAddress(subchannel.address), subchannel]));
    const after = new Map(addresses.map((address) => [formatAddress(address), address]));
    for (const [name, subchannel] of before) if (!after.has(name)) subchannel.close();
    this.#subchannels = [...after].map(([name, address]) => before.get(name) ?? this.#subchannel(address));
    this.#connect();
  }

  #subchannel(address: Address): GrpcSubchannel {
    return new GrpcSubchannel({
      address,
      settings: this.#settings,
      random: this.#options.random,
      onChange: (subchannel) => this.#onChange(subchannel),
      // As gRPC asks (gRFC A8): half as often from now on.
      onTooManyPings: () => this.update((settings) => ({ ...settings, keepaliveTimeMs: settings.keepaliveTimeMs * 2 })),
    });
  }

  #unavailable(text: string): DeliveryError {
    return deliveryErrorOf('UNAVAILABLE', `${this.#name()}: ${text}`);
  }

  #name(): string {
    return formatAddress(this.#options.target);
  }
}

async function lookupAll(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
