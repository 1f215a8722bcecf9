import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '@millrace/api';
import type { Address } from './endpoint.ts';
import type { ClientTlsOptions } from './tls-context.ts';
import { ClientConnection } from './http2/client-connection.ts';
import type { ConnectionHandler } from './http2/connection-options.ts';
import { ErrorCode } from './http2/error-code.ts';
import { FRAME_BYTES_DEFAULT } from './http2/frame.ts';
import type { LocalSettings } from './http2/settings.ts';

/** Longest time for a connection to come about (grpc's minimum connect timeout). */
const CONNECT_TIMEOUT_MS = 20_000;
/** Pings more often than this are not sent, whatever is configured (grpc-go's rule for clients). */
const KEEPALIVE_MS_MIN = 10_000;
/** Replies are small. */
const HTTP2_SETTINGS: LocalSettings = {
  windowBytes: 1024 * 1024,
  connectionWindowBytes: 4 * 1024 * 1024,
  frameBytesMax: FRAME_BYTES_DEFAULT,
  headerListBytesMax: 64 * 1024,
  streamsMax: undefined,
};

export interface ConnectionSettings {
  readonly clock: Clock;
  /** Undefined: not encrypted. */
  readonly tls: ClientTlsOptions | undefined;
  /** Host of the endpoint, which the certificate must be for. */
  readonly host: string;
  /** 0: never. */
  readonly keepaliveTimeMs: number;
  readonly keepaliveTimeoutMs: number;
  readonly permitWithoutCalls: boolean;
}

export interface ConnectionEvents {
  /** Comes once, after the connection was opened, when no new call may use it. */
  onGone(): void;
  /** Ends an attempt to connect. */
  readonly giveUp: AbortSignal;
}

/** One HTTP/2 connection to a server. */
export class GrpcClientConnection implements ConnectionHandler {
  readonly http2: ClientConnection;
  /** Streams above this one were not begun by the server. */
  lastStreamId: number;
  /** The server complained about too many pings. */
  isPingingTooOften: boolean;
  /** Settles when the socket is closed. */
  readonly closed: Promise<void>;
  readonly #settings: ConnectionSettings;
  readonly #socket: Socket;
  readonly #opening: Opening;
  readonly #onClosed: () => void;
  #endReason: string | undefined;
  #isOpen: boolean;
  #hasServed: boolean;
  #calls: number;
  #cancelPing: () => void;

  private constructor(settings: ConnectionSettings, socket: Socket, opening: Opening) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.http2 = new ClientConnection({ socket, clock: settings.clock, settings: HTTP2_SETTINGS, handler: this });
    this.lastStreamId = Number.POSITIVE_INFINITY;
    this.isPingingTooOften = false;
    this.closed = promise;
    this.#settings = settings;
    this.#socket = socket;
    this.#opening = opening;
    this.#onClosed = resolve;
    this.#endReason = undefined;
    this.#isOpen = false;
    this.#hasServed = false;
    this.#calls = 0;
    this.#cancelPing = () => undefined;
  }

  /** Connects; resolves when the server has spoken HTTP/2. */
  static open(settings: ConnectionSettings, address: Address, events: ConnectionEvents): Promise<GrpcClientConnection> {
    return new Promise((resolve, reject) => {
      const opening: Opening = {
        onOpen() {
          cancel();
          resolve(connection);
        },
        onFailure(message) {
          cancel();
          reject(new Error(message));
        },
        onGone: () => events.onGone(),
      };
      const connection = new GrpcClientConnection(settings, dial(settings, address), opening);
      const giveUp = (reason: string): void => {
        if (!connection.#isOpen) connection.destroy(reason);
      };
      events.giveUp.addEventListener('abort', () => giveUp('the client was closed'), { once: true });
      const cancel = settings.clock.after(CONNECT_TIMEOUT_MS, () =>
        giveUp(`no connection within ${CONNECT_TIMEOUT_MS} ms`),
      );
      connection.http2.start();
    });
  }

  /** Why it ended; undefined while it stands. */
  get endReason(): string | undefined {
    return this.#endReason ?? this.http2.reason?.message;
  }

  /** It was of use, so that it is worth connecting again at once. */
  get isUseful(): boolean {
    return this.#hasServed || this.#calls > 0;
  }

  callBegan(): void {
    this.#calls += 1;
    if (this.#calls === 1) this.#socket.ref();
  }

  callEnded(isAnswered: boolean): void {
    this.#calls -= 1;
    if (this.#calls === 0) this.#socket.unref();
    if (isAnswered) this.#hasServed = true;
  }

  /** Lets calls end, then closes. */
  close(): void {
    this.#endReason ??= 'the client was closed';
    this.http2.close();
  }

  destroy(reason: string): void {
    this.#endReason ??= reason;
    this.http2.destroy();
  }

  onSettings(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    // As node's agents do with theirs: what is not in use does not keep the process alive.
    if (this.#calls === 0) this.#socket.unref();
    if (this.#settings.keepaliveTimeMs > 0) this.#watch(this.#socket.bytesRead);
    this.#opening.onOpen();
  }

  onGoaway(lastStreamId: number, code: number, text: string): void {
    this.lastStreamId = lastStreamId;
    this.isPingingTooOften = code === ErrorCode.ENHANCE_YOUR_CALM && text === 'too_many_pings';
    if (code !== ErrorCode.NO_ERROR) this.#endReason ??= `the server closed the connection (${text || code})`;
  }

  onGone(): void {
    this.#cancelPing();
    if (this.#isOpen) this.#opening.onGone();
    else if (this.endReason !== undefined) this.#opening.onFailure(this.endReason);
  }

  onClose(): void {
    this.#cancelPing();
    this.#endReason ??= this.http2.reason?.message ?? 'the connection was closed';
    if (!this.#isOpen) this.#opening.onFailure(this.http2.reason?.message ?? 'the server does not speak HTTP/2');
    this.#onClosed();
  }

  /** Pings a server that has been silent too long, and gives the connection up when it stays silent. */
  #watch(seenBytes: number): void {
    const { clock, keepaliveTimeMs, keepaliveTimeoutMs, permitWithoutCalls } = this.#settings;
    this.#cancelPing = clock.after(Math.max(KEEPALIVE_MS_MIN, keepaliveTimeMs), () => {
      const bytes = this.#socket.bytesRead;
      if (bytes !== seenBytes || (this.#calls === 0 && !permitWithoutCalls)) {
        this.#watch(bytes);
        return;
      }
      this.#cancelPing = clock.after(keepaliveTimeoutMs, () => this.destroy('the server does not answer pings'));
      this.http2.ping(() => {
        this.#cancelPing();
        if (!this.http2.isDestroyed) this.#watch(this.#socket.bytesRead);
      });
    });
  }
}

/** Whoever waits for the connection to come about, and learns of its end. */
interface Opening {
  onOpen(): void;
  onFailure(message: string): void;
  onGone(): void;
}

function dial({ tls, host }: ConnectionSettings, address: Address): Socket {
  const place = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
  if (tls === undefined) return connectTcp({ ...place, noDelay: true });
  const named = isIP(host) === 0 ? { servername: host } : {};
  const socket = connectTls({ ...place, ...named, ...tls, ALPNProtocols: ['h2'] });
  socket.setNoDelay(true);
  return socket;
}
