import type { ServerHttp2Session } from 'node:http2';
import type { Clock } from '@millrace/api';
import type { ServerKeepaliveConfig } from './grpc-server-config.ts';
import { TIMER_MS_MAX } from './grpc-timeout.ts';
import { constants } from './node-http2.ts';

/** A client that has opened a connection must speak HTTP/2 within this time (grpc-go's connection timeout). */
const PREFACE_TIMEOUT_MS = 120_000;
/** Pings ahead of time that are forgiven (grpc-go's maxPingStrikes). */
const PING_STRIKES_MAX = 2;
/** Without calls under way, one ping in this time is always in order (grpc-go's defaultPingTimeout). */
const IDLE_PING_INTERVAL_MS = 2 * 3_600_000;
/** How long a client that is told to go away has for its answer to the ping after it. */
const GOAWAY_PING_TIMEOUT_MS = 1000;
/** "No stream is cut off yet": the client finishes what it has sent and opens a new connection for the rest. */
const LAST_STREAM_ID = 2 ** 31 - 1;

type TimerName = 'preface' | 'idle' | 'age' | 'grace' | 'ping' | 'pong' | 'drain';

export interface ConnectionOptions {
  readonly session: ServerHttp2Session;
  readonly keepalive: ServerKeepaliveConfig;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Life of one client's connection: pings both ways, age, idleness, and its orderly end. */
export class GrpcConnection {
  readonly #options: ConnectionOptions;
  readonly #session: ServerHttp2Session;
  readonly #timers: Map<TimerName, () => void>;
  #calls: number;
  #strikes: number;
  #lastPingAtMs: number;
  #isDraining: boolean;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#session = options.session;
    this.#timers = new Map();
    this.#calls = 0;
    this.#strikes = 0;
    this.#lastPingAtMs = Number.NEGATIVE_INFINITY;
    this.#isDraining = false;
  }

  /** Starts the timers; `onClose` comes once, at the end. */
  run(onClose: () => void): void {
    const session = this.#session;
    session.on('close', () => {
      for (const cancel of this.#timers.values()) cancel();
      onClose();
    });
    session.on('error', ignore);
    session.on('ping', () => this.#onPing());
    session.once('remoteSettings', () => this.#disarm('preface'));
    this.#arm('preface', PREFACE_TIMEOUT_MS, () => session.destroy());
    const { max_connection_age: ageMs } = this.#options.keepalive.server_parameters;
    // Spread over ±10 %, so that clients that came together do not come back together.
    this.#arm('age', ageMs * (0.9 + 0.2 * this.#options.random()), () => this.#onOld());
    this.#becomeIdle();
    this.#watch(this.#bytesRead());
  }

  /** A call begins; it ends with {@link callEnded}. */
  callBegan(): void {
    this.#calls += 1;
    if (this.#calls === 1) this.#disarm('idle');
  }

  callEnded(): void {
    this.#calls -= 1;
    // Whatever we send entitles the client to ping: it may be measuring the bandwidth.
    this.#strikes = 0;
    if (this.#calls > 0 || this.#session.destroyed) return;
    if (this.#isDraining) this.#session.close();
    else this.#becomeIdle();
  }

  /**
   * Asks the client to move on, lets its calls finish, then closes. The first GOAWAY cuts nothing off; the second
   * comes after a round trip, when the client has stopped opening calls (RFC 9113, section 6.8). Without calls one is
   * enough: a call that crosses it was not begun, and the client repeats it elsewhere.
   */
  drain(): void {
    const session = this.#session;
    if (this.#isDraining || session.destroyed) return;
    this.#isDraining = true;
    if (this.#calls === 0) {
      session.close();
      return;
    }
    const finish = (): void => {
      this.#disarm('drain');
      session.close();
    };
    this.#arm('drain', GOAWAY_PING_TIMEOUT_MS, finish);
    // The ping goes first: nghttp2 sends and answers none once a GOAWAY has left and the last call has ended.
    session.ping(finish);
    session.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM_ID);
  }

  destroy(): void {
    this.#session.destroy();
  }

  #becomeIdle(): void {
    this.#arm('idle', this.#options.keepalive.server_parameters.max_connection_idle, () => this.drain());
  }

  #onOld(): void {
    this.drain();
    this.#arm('grace', this.#options.keepalive.server_parameters.max_connection_age_grace, () => this.destroy());
  }

  /** Pings a client that has been silent for `time`, and closes the connection when it stays silent. */
  #watch(seenBytes: number): void {
    const { time, timeout } = this.#options.keepalive.server_parameters;
    this.#arm('ping', time, () => {
      const bytes = this.#bytesRead();
      if (bytes !== seenBytes) {
        this.#watch(bytes);
        return;
      }
      this.#arm('pong', timeout, () => this.destroy());
      this.#session.ping(() => {
        this.#disarm('pong');
        this.#watch(this.#bytesRead());
      });
    });
  }

  #bytesRead(): number {
    return this.#session.destroyed ? 0 : (this.#session.socket.bytesRead ?? 0);
  }

  /** A client may not ping more often than agreed (grpc/proposal/A8-client-side-keepalive.md). */
  #onPing(): void {
    const { min_time: minTimeMs, permit_without_stream: permit } = this.#options.keepalive.enforcement_policy;
    const now = this.#options.clock.monotonic();
    const allowedAfterMs = this.#calls === 0 && !permit ? IDLE_PING_INTERVAL_MS : minTimeMs;
    if (now - this.#lastPingAtMs < allowedAfterMs) this.#strikes += 1;
    this.#lastPingAtMs = now;
    if (this.#strikes <= PING_STRIKES_MAX) return;
    if (this.#strikes > PING_STRIKES_MAX + 1) {
      this.destroy();
      return;
    }
    this.#session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'));
    // The GOAWAY has to leave before the connection ends.
    this.#arm('drain', GOAWAY_PING_TIMEOUT_MS, () => this.destroy());
    if (this.#calls === 0) setImmediate(() => this.destroy());
  }

  /** A time of 0 means never. */
  #arm(name: TimerName, delayMs: number, callback: () => void): void {
    this.#disarm(name);
    if (delayMs > 0 && delayMs <= TIMER_MS_MAX) this.#timers.set(name, this.#options.clock.after(delayMs, callback));
  }

  #disarm(name: TimerName): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }
}

function ignore(): void {}
