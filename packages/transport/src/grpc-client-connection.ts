import type { ClientHttp2Session } from 'node:http2';
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '@millrace/api';
import type { Address } from './endpoint.ts';
import type { ClientTlsOptions } from './tls-context.ts';
import { constants, nodeHttp2 } from './node-http2.ts';

/** Longest time for a connection to come about (grpc's minimum connect timeout). */
const CONNECT_TIMEOUT_MS = 20_000;
/**
 * Node counts requests that wait to be sent, and takes no replies above this limit. The callers bound what they send.
 */
const SESSION_MEMORY_MB_MAX = 4096;
/** Pings more often than this are not sent, whatever is configured (grpc-go's rule for clients). */
const KEEPALIVE_MS_MIN = 10_000;

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
export class GrpcClientConnection {
  readonly session: ClientHttp2Session;
  /** Why it ended; undefined while it stands. */
  endReason: string | undefined;
  /** Streams above this one were not begun by the server. */
  lastStreamId: number;
  /** The server complained about too many pings. */
  isPingingTooOften: boolean;
  #hasServed: boolean;
  readonly #settings: ConnectionSettings;
  readonly #socket: Socket;
  #calls: number;
  #cancelPing: () => void;

  private constructor(settings: ConnectionSettings, socket: Socket, session: ClientHttp2Session) {
    this.session = session;
    this.endReason = undefined;
    this.lastStreamId = Number.POSITIVE_INFINITY;
    this.isPingingTooOften = false;
    this.#hasServed = false;
    this.#settings = settings;
    this.#socket = socket;
    this.#calls = 0;
    this.#cancelPing = () => undefined;
  }

  /** Connects; resolves when the server has spoken HTTP/2. */
  static open(settings: ConnectionSettings, address: Address, events: ConnectionEvents): Promise<GrpcClientConnection> {
    return new Promise((resolve, reject) => {
      const socket = dial(settings, address);
      const session = nodeHttp2().connect(settings.tls === undefined ? 'http://localhost' : 'https://localhost', {
        createConnection: () => socket,
        settings: { enablePush: false, initialWindowSize: 1024 * 1024 },
        maxSessionMemory: SESSION_MEMORY_MB_MAX,
      });
      const connection = new GrpcClientConnection(settings, socket, session);
      const fail = (error: Error): void => {
        cancel();
        session.destroy();
        socket.destroy();
        reject(error);
      };
      events.giveUp.addEventListener('abort', () => fail(new Error('the client was closed')), { once: true });
      const cancel = settings.clock.after(CONNECT_TIMEOUT_MS, () =>
        fail(new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`)),
      );
      const onEarlyClose = (): void => fail(new Error(connection.endReason ?? 'the server does not speak HTTP/2'));
      session.on('error', fail);
      session.on('close', onEarlyClose);
      // A server that refuses our certificate does so after the handshake, which the session does not notice.
      socket.on('error', fail);
      socket.on('close', onEarlyClose);
      session.once('remoteSettings', () => {
        cancel();
        session.off('error', fail);
        session.off('close', onEarlyClose);
        socket.off('close', onEarlyClose);
        socket.off('error', fail);
        socket.on('error', (error) => (connection.endReason ??= error.message));
        connection.#run(() => events.onGone());
        resolve(connection);
      });
    });
  }

  /** It was of use, so that it is worth connecting again at once. */
  get isUseful(): boolean {
    return this.#hasServed || this.#calls > 0;
  }

  callBegan(): void {
    this.#calls += 1;
  }

  callEnded(isAnswered: boolean): void {
    this.#calls -= 1;
    if (isAnswered) this.#hasServed = true;
  }

  /** Lets calls end, then closes. */
  close(): void {
    this.endReason ??= 'the client was closed';
    this.session.close();
  }

  destroy(reason: string): void {
    this.endReason ??= reason;
    this.session.destroy();
  }

  /**
   * Cuts the connection when the kernel does not take its bytes: a call that was given up would otherwise leave a
   * write behind that still reads the caller's memory.
   */
  releaseMemory(): void {
    const handle = (this.#socket as unknown as { _handle: { writeQueueSize?: number } | null })._handle;
    if ((handle?.writeQueueSize ?? 0) > 0) this.destroy('the server stopped reading');
  }

  #run(onGone: () => void): void {
    const { session } = this;
    let isGone = false;
    const gone = (): void => {
      if (isGone) return;
      isGone = true;
      onGone();
    };
    session.on('error', (error) => (this.endReason ??= error.message));
    session.on('goaway', (code: number, lastStreamId: number, data?: Uint8Array) => {
      const text = data === undefined ? '' : Buffer.from(data).toString('latin1');
      this.lastStreamId = lastStreamId;
      this.isPingingTooOften = code === constants.NGHTTP2_ENHANCE_YOUR_CALM && text === 'too_many_pings';
      if (code !== constants.NGHTTP2_NO_ERROR) this.endReason ??= `the server closed the connection (${text || code})`;
      gone();
    });
    session.on('close', () => {
      this.#cancelPing();
      this.endReason ??= 'the connection was closed';
      gone();
    });
    if (this.#settings.keepaliveTimeMs > 0) this.#watch(this.#socket.bytesRead);
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
      this.session.ping(() => {
        this.#cancelPing();
        if (!this.session.destroyed) this.#watch(this.#socket.bytesRead);
      });
    });
  }
}

function dial({ tls, host }: ConnectionSettings, address: Address): Socket {
  const place = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
  if (tls === undefined) return connectTcp({ ...place, noDelay: true });
  const named = isIP(host) === 0 ? { servername: host } : {};
  const socket = connectTls({ ...place, ...named, ...tls, ALPNProtocols: ['h2'] });
  socket.setNoDelay(true);
  return socket;
}
