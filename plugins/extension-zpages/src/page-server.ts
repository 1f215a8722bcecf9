import type { ExtensionHost, Lifecycle } from '@millrace/api';
import { formatAddress, type HttpRoute, HttpServer, type HttpServerConfig } from '@millrace/transport';
import { extensionsPage, featuresPage, pipelinesPage, servicePage, tracesPage } from './pages.ts';

export interface PagesConfig extends HttpServerConfig {
  readonly expvar: { readonly enabled: boolean };
}

const SHUTDOWN_GRACE_MS = 1_000;

/** Serves the pages under the Collector's paths. */
export class PageServer implements Lifecycle {
  readonly #config: PagesConfig;
  readonly #host: ExtensionHost;
  readonly #server: HttpServer;

  constructor(config: PagesConfig, host: ExtensionHost) {
    this.#config = config;
    this.#host = host;
    const routes = new Map<string, HttpRoute>([
      ['/debug/servicez', html(() => servicePage(host))],
      ['/debug/pipelinez', html(() => pipelinesPage(host))],
      ['/debug/extensionz', html(() => extensionsPage(host))],
      ['/debug/featurez', html(featuresPage)],
      ['/debug/tracez', html(tracesPage)],
    ]);
    if (config.expvar.enabled) routes.set('/debug/expvarz', answer('application/json', variables));
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
    this.#host.announce('listens', `${scheme}://${formatAddress(address)}/debug/servicez`);
  }

  shutdown(): Promise<void> {
    return this.#server.shutdown(SHUTDOWN_GRACE_MS);
  }
}

/** The command line, which Go shows here, too, is left out: it may hold secrets. */
function variables(): string {
  return JSON.stringify({ memstats: process.memoryUsage(), resource_usage: process.resourceUsage() });
}

function html(make: () => string): HttpRoute {
  return answer('text/html; charset=utf-8', make);
}

function answer(type: string, make: () => string): HttpRoute {
  return {
    methods: ['GET', 'HEAD'],
    handle: (_head, body) => (body?.release(), { status: 200, headers: { 'content-type': type }, body: make() }),
  };
}
