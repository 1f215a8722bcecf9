import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ComponentError } from '@millrace/api';
import type { Meter } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

/** Not by `import`, which reads all exports of the module, among them getters that load the whole of undici: 13 MB and 40 ms. */
const { createServer } = process.getBuiltinModule('node:http');

export interface PrometheusSettings {
  readonly host: string;
  readonly port: number;
  /** Attributes of the collector, shown as `target_info`. */
  readonly resource: Readonly<Record<string, string>>;
}

export interface PrometheusEndpoint {
  readonly meter: Meter;
  /** Undefined before `listen`. */
  readonly address: string | undefined;
  /** Throws a ComponentError when the address can't be had. */
  listen(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes an endpoint that serves `/metrics` in the Prometheus text format 0.0.4. Counters have no `_total` ending, as in the Collector's
 * default (`without_type_suffix: true`).
 */
export function prometheusEndpoint(settings: PrometheusSettings): PrometheusEndpoint {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const serializer = new PrometheusSerializer('', false, undefined, false, true);
  const resource = resourceFromAttributes({ ...settings.resource });
  const provider = new MeterProvider({ readers: [reader], resource });

  const scrape = async () => {
    const { resourceMetrics } = await reader.collect();
    return withoutTypeSuffix(serializer.serialize(resourceMetrics));
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    if (path !== '/metrics') {
      response.writeHead(path === '/' ? 302 : 404, path === '/' ? { location: '/metrics' } : {}).end();
      return;
    }
    scrape().then(
      (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.unref();
  let address: string | undefined;
  return {
    meter: provider.getMeter('millrace'),
    get address() {
      return address;
    },
    async listen() {
      await listen(server, settings);
      address = `http://${settings.host}:${(server.address() as AddressInfo).port}/metrics`;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await provider.shutdown();
    },
  };
}

function listen(server: Server, { host, port }: PrometheusSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new ComponentError(`cannot serve metrics on ${host}:${port}: ${error.message}`, {
          code: error.code ?? 'LISTEN',
          remedy:
            'choose another port with service.telemetry.metrics.readers, or set service.telemetry.metrics.level to none',
          cause: error,
        }),
      );
    });
    server.listen({ host, port }, resolve);
  });
}

/** `x_total` → `x` in every line about a counter of ours. */
function withoutTypeSuffix(text: string): string {
  return text.replaceAll(/^((?:# (?:HELP|UNIT|TYPE) )?(?:otelcol|millrace)_\w+?)_total(?=[ {])/gm, '$1');
}
