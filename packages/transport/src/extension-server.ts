import type { ExtensionHost, Lifecycle } from '@millrace/api';
import { formatAddress } from './endpoint.ts';
import type { HttpResponse, HttpRoute, RequestHead } from './http-message.ts';
import type { HttpServerConfig } from './http-server-config.ts';
import { HttpServer } from './http-server.ts';

/** What a path gives. Bodies of requests are not read. */
export type HttpAnswer = (head: RequestHead) => HttpResponse | Promise<HttpResponse>;

export interface ExtensionServerSettings {
  readonly config: HttpServerConfig;
  readonly host: ExtensionHost;
  /** By exact path; for GET and HEAD. */
  readonly answers: ReadonlyMap<string, HttpAnswer>;
  /** The path that is announced. */
  readonly home: string;
}

const SHUTDOWN_GRACE_MS = 1_000;

/** The HTTP server of an extension that people and programs ask about the collector. */
export class ExtensionServer implements Lifecycle {
  readonly #settings: ExtensionServerSettings;
  readonly #server: HttpServer;

  constructor(settings: ExtensionServerSettings) {
    const { config, host, answers } = settings;
    const { clock, logger, extension } = host;
    const routes = [...answers].map(([path, answer]) => [path, routeOf(answer)] as const);
    this.#settings = settings;
    this.#server = new HttpServer({ config, clock, logger, extension, routes: new Map(routes) });
  }

  async start(): Promise<void> {
    const { config, host, home } = this.#settings;
    const address = await this.#server.start();
    const scheme = config.tls === undefined ? 'http' : 'https';
    host.announce('listens', `${scheme}://${formatAddress(address)}${home}`);
  }

  shutdown(): Promise<void> {
    return this.#server.shutdown(SHUTDOWN_GRACE_MS);
  }
}

function routeOf(answer: HttpAnswer): HttpRoute {
  return { methods: ['GET', 'HEAD'], handle: (head, body) => (body?.release(), answer(head)) };
}
