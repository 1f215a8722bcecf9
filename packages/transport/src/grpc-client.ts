import type { ClientAuthenticator, Clock, Logger } from '@millrace/api';
import { clientAuthenticator, type ExtensionOf } from './auth-config.ts';
import { formatAddress, parseTarget } from './endpoint.ts';
import type { Target } from './endpoint.ts';
import { GrpcChannel } from './grpc-channel.ts';
import { ACCEPT_ENCODING, attemptCall } from './grpc-client-call.ts';
import type { CallOutcome } from './grpc-client-call.ts';
import type { GrpcClientConfig } from './grpc-client-config.ts';
import type { GrpcClientConnection } from './grpc-client-connection.ts';
import { GrpcRequestFields } from './grpc-request-fields.ts';
import { TIMER_MS_MAX } from './grpc-timeout.ts';
import { headerPairs } from './header-list.ts';
import { clientUsesTls, loadClientTls } from './tls-context.ts';
import { reloadTls } from './tls-reload.ts';

/** How often a call that no server has begun with is repeated without the caller's noticing. */
const TRANSPARENT_RETRIES_MAX = 3;

export interface GrpcClientOptions {
  /** `compression` is the caller's: it hands over compressed messages. */
  readonly config: GrpcClientConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Finds the extension that `auth` names. */
  readonly extension?: ExtensionOf;
  readonly userAgent: string;
  readonly random?: () => number;
  /** Looks a host up; the system's resolver by default. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

export interface GrpcRequest {
  /** The request message, compressed where `encoding` says so. */
  readonly message: Uint8Array;
  /** `gzip`, `zstd`, `snappy` (framed format); empty or absent: not compressed. */
  readonly encoding?: string;
  /** Lower-case names; the config's `headers` win. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Sent as the call's deadline, and kept here; absent: none. */
  readonly timeoutMs?: number;
  /** Ends the call; the promise rejects with a retryable error. */
  readonly abort?: AbortSignal;
}

/**
 * Makes unary gRPC calls of message bytes, with the Collector's settings. `start` once, `call` any number of times at
 * once, then `shutdown`.
 */
export class GrpcClient {
  readonly #options: GrpcClientOptions;
  readonly #target: Target;
  #fields: GrpcRequestFields | undefined;
  #channel: GrpcChannel | undefined;
  #authenticator: ClientAuthenticator | undefined;
  #stopReloading: () => void;

  constructor(options: GrpcClientOptions) {
    this.#options = options;
    this.#target = parseTarget(options.config.endpoint);
    this.#fields = undefined;
    this.#channel = undefined;
    this.#authenticator = undefined;
    this.#stopReloading = () => undefined;
  }

  /** Reads the certificates and begins to connect; does not wait for it. Throws a ComponentError. */
  async start(): Promise<void> {
    const { config, clock, logger, random, resolve, userAgent } = this.#options;
    this.#authenticator = clientAuthenticator(config, this.#options.extension);
    const usesTls = clientUsesTls(config.tls, this.#target.https);
    const { address } = this.#target;
    this.#fields = new GrpcRequestFields({
      pseudo: { ':method': 'POST', ':scheme': usesTls ? 'https' : 'http', ':authority': this.#authority() },
      regular: {
        te: 'trailers',
        'content-type': 'application/grpc',
        'user-agent': config.user_agent ?? userAgent,
        'grpc-accept-encoding': ACCEPT_ENCODING,
      },
      configured: headerPairs(config.headers),
    });
    const channel = new GrpcChannel({
      target: address,
      settings: {
        clock,
        tls: usesTls ? await loadClientTls(config.tls, logger) : undefined,
        host: address.kind === 'unix' ? 'localhost' : address.host,
        keepaliveTimeMs: config.keepalive.time,
        keepaliveTimeoutMs: config.keepalive.timeout,
        permitWithoutCalls: config.keepalive.permit_without_stream,
      },
      policy: config.balancer_name,
      waitForReady: config.wait_for_ready,
      random: random ?? Math.random,
      ...(resolve === undefined ? {} : { resolve }),
    });
    if (usesTls) {
      const reload = async (): Promise<void> => {
        const tls = await loadClientTls(config.tls, logger);
        channel.update((settings) => ({ ...settings, tls }));
      };
      this.#stopReloading = reloadTls({ config: config.tls, clock, logger, reload });
    }
    this.#channel = channel;
    channel.start();
  }

  /** Lets calls under way end within `graceMs`, then closes every connection. */
  async shutdown(graceMs: number): Promise<void> {
    this.#stopReloading();
    await this.#channel?.close(graceMs);
  }

  /**
   * Calls `path` (`/package.Service/Method`) and resolves with the bytes of the reply. Rejects with a DeliveryError by
   * OTLP's rules. `message` is not read any more once the promise has settled.
   */
  async call(path: string, request: GrpcRequest): Promise<Uint8Array> {
    const { clock } = this.#options;
    const channel = this.#channel;
    if (channel === undefined) throw new Error('the gRPC client was not started');
    const deadlineMs = request.timeoutMs === undefined ? undefined : clock.monotonic() + request.timeoutMs;
    for (let attempt = 0; ; attempt += 1) {
      const connection = channel.pick() ?? (await channel.wait(this.#limit(deadlineMs, request.abort)));
      const outcome = await this.#attempt(connection, path, request, deadlineMs);
      if (outcome.kind === 'reply') return outcome.message;
      if (outcome.kind === 'error' || attempt === TRANSPARENT_RETRIES_MAX) throw outcome.error;
    }
  }

  async #attempt(
    connection: GrpcClientConnection,
    path: string,
    { message, encoding = '', metadata, abort }: GrpcRequest,
    deadlineMs: number | undefined,
  ): Promise<CallOutcome> {
    const { clock } = this.#options;
    const timeoutMs = deadlineMs === undefined ? undefined : Math.max(0, deadlineMs - clock.monotonic());
    const credentials = this.#authenticator?.credentials();
    const fields = (this.#fields as GrpcRequestFields).of({ path, encoding, timeoutMs, metadata, credentials });
    connection.callBegan();
    const outcome = await attemptCall({
      http2: connection.http2,
      fields,
      message,
      isCompressed: encoding !== '',
      timeoutMs,
      abort,
      clock,
      target: formatAddress(this.#target.address),
      connectionEnd: () => ({ reason: connection.endReason, lastStreamId: connection.lastStreamId }),
    });
    connection.callEnded(outcome.kind === 'reply');
    return outcome;
  }

  #authority(): string {
    const { authority = '', tls } = this.#options.config;
    if (authority !== '') return authority;
    const override = tls.server_name_override ?? '';
    if (override !== '') return override;
    return this.#target.address.kind === 'unix' ? 'localhost' : formatAddress(this.#target.address);
  }

  /** When waiting for a connection is over. */
  #limit(deadlineMs: number | undefined, abort: AbortSignal | undefined) {
    const { clock } = this.#options;
    return {
      isOver: () => abort?.aborted === true || (deadlineMs !== undefined && clock.monotonic() >= deadlineMs),
      onOver: (wake: () => void) => {
        const leftMs = deadlineMs === undefined ? undefined : deadlineMs - clock.monotonic();
        const cancel = leftMs === undefined || leftMs > TIMER_MS_MAX ? undefined : clock.after(leftMs, wake);
        abort?.addEventListener('abort', wake);
        return () => {
          cancel?.();
          abort?.removeEventListener('abort', wake);
        };
      },
    };
  }
}
