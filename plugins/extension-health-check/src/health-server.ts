import type { ComponentReport, ExtensionHost, Lifecycle } from '@millrace/api';
import {
  formatAddress,
  type HttpResponse,
  type HttpRoute,
  HttpServer,
  type HttpServerConfig,
} from '@millrace/transport';

export interface HealthConfig extends HttpServerConfig {
  readonly path: string;
  readonly response_body?: { readonly healthy: string; readonly unhealthy: string };
}

const SHUTDOWN_GRACE_MS = 1_000;

/**
 * Serves four paths: the configured one as the Collector does; `/healthz`, 200 while the process works; `/ready`, 200
 * while data is taken; `/health`, every component's state as JSON.
 */
export class HealthServer implements Lifecycle {
  readonly #config: HealthConfig;
  readonly #host: ExtensionHost;
  readonly #server: HttpServer;

  constructor(config: HealthConfig, host: ExtensionHost) {
    this.#config = config;
    this.#host = host;
    const routes = new Map<string, HttpRoute>([
      [config.path, route(() => this.#overall())],
      ['/healthz', route(() => json(200, { status: 'alive' }))],
      ['/ready', route(() => (this.#host.collector.ready ? json(200, { status: 'ready' }) : unavailable()))],
      ['/health', route(() => this.#detailed())],
    ]);
    this.#server = new HttpServer({
      config,
      clock: host.clock,
      logger: host.logger,
      extension: host.extension,
      routes,
    });
  }

  async start(): Promise<void> {
    const address = await this.#server.start();
    const scheme = this.#config.tls === undefined ? 'http' : 'https';
    this.#host.announce('listens', `${scheme}://${formatAddress(address)}${this.#config.path}`);
  }

  shutdown(): Promise<void> {
    return this.#server.shutdown(SHUTDOWN_GRACE_MS);
  }

  /** The answer of the Collector's extension of the same name. */
  #overall(): HttpResponse {
    const { collector, clock } = this.#host;
    const { response_body: bodies } = this.#config;
    const status = collector.ready ? 200 : 503;
    if (bodies !== undefined) {
      return { status, headers: TEXT, body: collector.ready ? bodies.healthy : bodies.unhealthy };
    }
    if (!collector.ready) return unavailable();
    const upSince = new Date(collector.startedAtMs).toISOString();
    const uptime = `${((clock.now() - collector.startedAtMs) / 1_000).toFixed(3)}s`;
    return json(200, { status: 'Server available', upSince, uptime });
  }

  #detailed(): HttpResponse {
    const { collector } = this.#host;
    const components = collector.components();
    const failing = components.some(({ status }) => status === 'permanent_error');
    const state = !collector.ready ? 'unavailable' : failing ? 'degraded' : 'ok';
    return json(state === 'unavailable' ? 503 : 200, {
      status: state,
      version: this.#host.version,
      up_since: new Date(collector.startedAtMs).toISOString(),
      components: components.map(describe),
    });
  }
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

function route(answer: () => HttpResponse): HttpRoute {
  return { methods: ['GET', 'HEAD'], handle: (_head, body) => (body?.release(), answer()) };
}

function json(status: number, body: object): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function unavailable(): HttpResponse {
  return json(503, { status: 'Server not available' });
}

function describe({ kind, id, status, message, sinceMs }: ComponentReport): object {
  return { kind, id, status, ...(message === undefined ? {} : { message }), since: new Date(sinceMs).toISOString() };
}
