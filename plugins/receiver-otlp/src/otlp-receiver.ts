import type { Lifecycle, ReceiverHost } from '@millrace/api';
import { formatAddress, GrpcServer, HttpServer } from '@millrace/transport';
import { grpcMethods } from './grpc-methods.ts';
import { httpRoutes, renderFailure } from './http-routes.ts';
import type { OtlpReceiverConfig } from './index.ts';

/** How long requests under way may take to end when the collector stops. */
const SHUTDOWN_GRACE_MS = 10_000;

/** The servers of one receiver; both hand bodies on as they came, still compressed. */
export class OtlpReceiver implements Lifecycle {
  readonly #config: OtlpReceiverConfig;
  readonly #host: ReceiverHost;
  readonly #grpc: GrpcServer | undefined;
  readonly #http: HttpServer | undefined;

  constructor(config: OtlpReceiverConfig, host: ReceiverHost) {
    this.#config = config;
    this.#host = host;
    const { clock, logger, extension } = host;
    const { grpc, http } = config.protocols;
    if (grpc !== undefined) {
      this.#grpc = new GrpcServer({ config: grpc, clock, logger, extension, methods: grpcMethods(host) });
    }
    if (http !== undefined) {
      const routes = httpRoutes(http, host);
      this.#http = new HttpServer({ config: http, clock, logger, extension, routes, render: renderFailure });
    }
  }

  async start(): Promise<void> {
    const { grpc, http } = this.#config.protocols;
    if (this.#grpc !== undefined) {
      const address = await this.#grpc.start();
      this.#host.announce('listens', `grpc${grpc?.tls === undefined ? '' : 's'}://${formatAddress(address)}`);
    }
    if (this.#http !== undefined) {
      const address = await this.#http.start();
      this.#host.announce('listens', `http${http?.tls === undefined ? '' : 's'}://${formatAddress(address)}`);
    }
  }

  async shutdown(): Promise<void> {
    await Promise.all([this.#grpc?.shutdown(SHUTDOWN_GRACE_MS), this.#http?.shutdown(SHUTDOWN_GRACE_MS)]);
  }
}
