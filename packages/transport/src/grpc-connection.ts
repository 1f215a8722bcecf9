import type { Socket } from 'node:net';
import type { Clock } from '@millrace/api';
import type { ServerKeepaliveConfig } from './grpc-server-config.ts';
import { TIMER_MS_MAX } from './grpc-timeout.ts';
import { ConnectionError, ErrorCode } from './http2/error-code.ts';
import type { HeaderMap } from './http2/header-rules.ts';
import { ServerConnection } from './http2/server-connection.ts';
import type { ServerConnectionHandler } from './http2/server-connection.ts';
import type { LocalSettings } from './http2/settings.ts';
import type { Http2Stream, StreamHandler } from './http2/stream.ts';

/** A client that has opened a connection must speak HTTP/2 within this time (grpc-go's connection timeout). */
const PREFACE_TIMEOUT_MS = 120_000;
/** Pings ahead of time that are forgiven (grpc-go's maxPingStrikes). */
const PING_STRIKES_MAX = 2;
/** Without calls under way, one ping in this time is always in order (grpc-go's defaultPingTimeout). */
const IDLE_PING_INTERVAL_MS = 2 * 3_600_000;
/** How long a client that is told to go away has for its answer to the ping after it. */
const GOAWAY_PING_TIMEOUT_MS = 1000; /** What grpc's clients look for (grpc/proposal/A8-client-side-keepalive.md). */
const TOO_MANY_PINGS = 'too_many_pings';

type TimerName = 'preface' | 'idle' | 'age' | 'grace' | 'ping' | 'pong' | 'drain';

export interface GrpcConnectionOptions {
  readonly socket: Socket;
  readonly settings: LocalSettings;
  readonly keepalive: ServerKeepaliveConfig;
  readonly clock: Clock;
  readonly random: () => number;
  /** A call begins. */
  readonly onCall: (stream: Http2Stream, headers: HeaderMap) => StreamHandler;
  /** Comes once, at the end. */
  readonly onClose: (reason: Error | undefined) => void;
}

/** Life of one client's connection: pings both ways, age, idleness, and its orderly end. */
export class GrpcConnection implements ServerConnectionHandler {
  readonly #options: GrpcConnectionOptions;
  readonly #http2: ServerConnection;
  readonly #timers: Map<TimerName, () => void>;
  #calls: number;
  #strikes: number;
  #lastPingAtMs: number;
  #isDraining: boolean;

  constructor(options: GrpcConnectionOptions) {
    const { socket, settings, clock } = options;
    this.#options = options;
    this.#http2 = new ServerConnection({ socket, settings, clock, handler: this });
    this.#timers = new Map();
    this.#calls = 0;
    this.#strikes = 0;
    this.#lastPingAtMs = Number.NEGATIVE_INFINITY;
    this.#isDraining = false;
  }

  /** Begins to speak, and starts the timers. */
  start(): void {
    this.#http2.start();
    this.#arm('preface', PREFACE_TIMEOUT_MS, () => this.destroy());
    const { max_connection_age: ageMs } = this.#options.keepalive.server_parameters;
    // Spread over ±10 %, so that clients that came together do not come back together.
    this.#arm('age', ageMs * (0.9 + 0.2 * this.#options.random()), () => this.#onOld());
    this.#becomeIdle();
    this.#watch(this.#bytesRead());
  }

  onSettings(): void {
    this.#disarm('preface');
  }

  onRequest(stream: Http2Stream, headers: HeaderMap): StreamHandler {
    this.#calls += 1;
    if (this.#calls === 1) this.#disarm('idle');
    return this.#options.onCall(stream, headers);
  }

  onStreamClosed(): void {
    this.#calls -= 1;
    // Whatever we send entitles the client to ping: it may be measuring the bandwidth.
    this.#strikes = 0;
    if (this.#calls > 0 || this.#http2.isDestroyed) return;
    if (this.#isDraining) this.#http2.close();
    else this.#becomeIdle();
  }

  onClose(reason: Error | undefined): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#options.onClose(reason);
  }

  /**
   * Asks the client to move on, lets its calls finish, then closes. The first GOAWAY cuts nothing off; the second
   * comes after a round trip, when the client has stopped opening calls (RFC 9113, section 6.8). Without calls one is
   * enough: a call that crosses it was not begun, and the client repeats it elsewhere.
   */
  drain(): void {
    const http2 = this.#http2;
    if (this.#isDraining || http2.isDestroyed) return;
    this.#isDraining = true;
    if (this.#calls === 0) {
      http2.close();
      return;
    }
    const finish = (): void => {
      this.#disarm('drain');
      http2.close();
    };
    this.#arm('drain', GOAWAY_PING_TIMEOUT_MS, finish);
    http2.goaway(ErrorCode.NO_ERROR);
    http2.ping(finish);
  }

  destroy(): void {
    this.#http2.destroy();
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
      this.#http2.ping(() => {
        this.#disarm('pong');
        this.#watch(this.#bytesRead());
      });
    });
  }

  #bytesRead(): number {
    return this.#http2.socket.bytesRead;
  }

  /** A client may not ping more often than agreed (grpc/proposal/A8-client-side-keepalive.md). */
  onPing(): void {
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
    if (this.#calls === 0) throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, TOO_MANY_PINGS);
    // What has been sent may be answered yet.
    this.#http2.goaway(ErrorCode.ENHANCE_YOUR_CALM, 0, TOO_MANY_PINGS);
    this.#arm('drain', GOAWAY_PING_TIMEOUT_MS, () => this.destroy());
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
