import { type ExporterHost, type Outgoing, permanent, type Sink } from '@millrace/api';
import { decodeResponse, GRPC_METHODS, type PartialSuccess } from '@millrace/otlp';
import { GrpcClient, shownUrl } from '@millrace/transport';
import type { OtlpGrpcConfig } from './index.ts';
import { encodingOf } from './message-encoder.ts';

/** By then the delivery in front has ended its calls; what is left is connections. */
const SHUTDOWN_GRACE_MS = 1_000;

/** Calls the Export method of each signal. */
export class OtlpGrpcSink implements Sink {
  readonly #config: OtlpGrpcConfig;
  readonly #host: ExporterHost;
  readonly #client: GrpcClient;

  constructor(config: OtlpGrpcConfig, host: ExporterHost) {
    this.#config = config;
    this.#host = host;
    const { clock, logger, extension, version } = host;
    this.#client = new GrpcClient({ config, clock, logger, extension, userAgent: `millrace/${version}` });
  }

  async start(): Promise<void> {
    await this.#client.start();
    this.#host.announce('sends', shownUrl(this.#config.endpoint));
  }

  async shutdown(): Promise<void> {
    await this.#client.shutdown(SHUTDOWN_GRACE_MS);
  }

  async send({ signal, bytes, abort }: Outgoing): Promise<void> {
    const { compression, timeout } = this.#config;
    const response = await this.#client.call(GRPC_METHODS[signal], {
      message: bytes,
      encoding: encodingOf(compression),
      abort,
      ...(timeout > 0 ? { timeoutMs: timeout } : {}),
    });
    const partial = partialSuccessOf(response);
    if (partial === undefined) return;
    if (partial.rejected === 0) {
      this.#host.logger.warn('the destination accepted a request with a warning', { signal, reason: partial.message });
      return;
    }
    throw permanent(`the destination rejected ${partial.rejected} items: ${partial.message}`, {
      code: 'PARTIAL_SUCCESS',
      failedItems: partial.rejected,
    });
  }
}

/** What the response says beyond "taken"; one that cannot be read says nothing. */
function partialSuccessOf(response: Uint8Array): PartialSuccess | undefined {
  try {
    return decodeResponse(response);
  } catch {
    return undefined;
  }
}
