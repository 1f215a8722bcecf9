import { messageOf } from '@millrace/api';
import { formatAddress } from './endpoint.ts';
import type { Address } from './endpoint.ts';
import { GrpcClientConnection } from './grpc-client-connection.ts';
import type { ConnectionSettings } from './grpc-client-connection.ts';

/** grpc/doc/connection-backoff.md. */
const BACKOFF_MS_FIRST = 1000;
const BACKOFF_MS_MAX = 120_000;
const BACKOFF_FACTOR = 1.6;
const BACKOFF_JITTER = 0.2;

export interface SubchannelOptions {
  readonly address: Address;
  readonly settings: ConnectionSettings;
  readonly random: () => number;
  /** The state has changed. */
  onChange(subchannel: GrpcSubchannel): void;
  /** The server wants fewer pings. */
  onTooManyPings(): void;
}

export type SubchannelState = 'idle' | 'connecting' | 'ready' | 'backoff' | 'closed';

/** One address of a server: keeps a connection to it, with backoff between attempts. */
export class GrpcSubchannel {
  readonly address: Address;
  state: SubchannelState;
  /** Set while ready. */
  connection: GrpcClientConnection | undefined;
  /** Why the last attempt failed. */
  lastError: string | undefined;
  readonly #options: SubchannelOptions;
  #settings: ConnectionSettings;
  readonly #giveUp: AbortController;
  #failures: number;
  #startedAtMs: number;
  #cancelBackoff: () => void;

  constructor(options: SubchannelOptions) {
    this.address = options.address;
    this.state = 'idle';
    this.connection = undefined;
    this.lastError = undefined;
    this.#options = options;
    this.#settings = options.settings;
    this.#giveUp = new AbortController();
    this.#failures = 0;
    this.#startedAtMs = 0;
    this.#cancelBackoff = () => undefined;
  }

  /** Begins to connect, unless that is under way or must wait. */
  connect(): void {
    if (this.state !== 'idle') return;
    this.#startedAtMs = this.#settings.clock.monotonic();
    this.#become('connecting');
    let opened: GrpcClientConnection | undefined;
    let isGone = false;
    const onGone = (): void => {
      isGone = true;
      if (opened !== undefined) this.#onGone(opened);
    };
    GrpcClientConnection.open(this.#settings, this.address, { onGone, giveUp: this.#giveUp.signal }).then(
      (connection) => {
        opened = connection;
        if (this.state === 'closed') connection.close();
        else if (isGone) this.#onGone(connection);
        else this.#onReady(connection);
      },
      (error: unknown) => this.#onFailure(messageOf(error)),
    );
  }

  /** Uses other settings for connections from now on. */
  update(settings: ConnectionSettings): void {
    this.#settings = settings;
  }

  /** Lets calls end, then closes for good. */
  close(): void {
    this.state = 'closed';
    this.#cancelBackoff();
    this.#giveUp.abort();
    this.connection?.close();
  }

  #onReady(connection: GrpcClientConnection): void {
    this.connection = connection;
    this.#become('ready');
  }

  #onGone(connection: GrpcClientConnection): void {
    if (connection.isPingingTooOften) this.#options.onTooManyPings();
    if (this.state === 'closed') return;
    this.connection = undefined;
    const livedMs = this.#settings.clock.monotonic() - this.#startedAtMs;
    if (connection.isUseful || livedMs >= BACKOFF_MS_FIRST) {
      this.#failures = 0;
      this.lastError = connection.endReason;
      this.#become('idle');
    } else {
      // A server that accepts and closes at once would otherwise be asked in a tight loop.
      this.#onFailure(connection.endReason ?? 'the server closed the connection');
    }
  }

  #onFailure(message: string): void {
    if (this.state === 'closed') return;
    this.lastError = `cannot connect to ${formatAddress(this.address)}: ${message}`;
    const base = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_FIRST * BACKOFF_FACTOR ** this.#failures);
    const delayMs = base * (1 + BACKOFF_JITTER * (2 * this.#options.random() - 1));
    this.#failures += 1;
    this.#cancelBackoff = this.#settings.clock.after(delayMs, () => this.#become('idle'));
    this.#become('backoff');
  }

  #become(state: SubchannelState): void {
    if (this.state === 'closed') return;
    this.state = state;
    this.#options.onChange(this);
  }
}
