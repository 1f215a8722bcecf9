import type { ComponentReport, ExtensionHost } from '@millrace/api';
import type { HttpAnswer, HttpResponse, HttpServerConfig } from '@millrace/transport';

export interface HealthConfig extends HttpServerConfig {
  readonly path: string;
  readonly response_body?: { readonly healthy: string; readonly unhealthy: string };
}

/**
 * What four paths give: the configured one what the Collector does; `/healthz`, 200 while the process works; `/ready`, 200
 * while data is taken; `/health`, every component's state as JSON.
 */
export function healthAnswers(config: HealthConfig, host: ExtensionHost): ReadonlyMap<string, HttpAnswer> {
  return new Map<string, HttpAnswer>([
    [config.path, () => overall(config, host)],
    ['/healthz', () => json(200, { status: 'alive' })],
    ['/ready', () => (host.collector.ready ? json(200, { status: 'ready' }) : unavailable())],
    ['/health', () => detailed(host)],
  ]);
}

/** The answer of the Collector's extension of the same name. */
function overall({ response_body: bodies }: HealthConfig, { collector, clock }: ExtensionHost): HttpResponse {
  if (bodies !== undefined) {
    const status = collector.ready ? 200 : 503;
    return { status, headers: TEXT, body: collector.ready ? bodies.healthy : bodies.unhealthy };
  }
  if (!collector.ready) return unavailable();
  const upSince = new Date(collector.startedAtMs).toISOString();
  const uptime = `${((clock.now() - collector.startedAtMs) / 1_000).toFixed(3)}s`;
  return json(200, { status: 'Server available', upSince, uptime });
}

function detailed({ collector, version }: ExtensionHost): HttpResponse {
  const components = collector.components();
  const failing = components.some(({ status }) => status === 'permanent_error');
  const state = !collector.ready ? 'unavailable' : failing ? 'degraded' : 'ok';
  return json(state === 'unavailable' ? 503 : 200, {
    status: state,
    version,
    up_since: new Date(collector.startedAtMs).toISOString(),
    components: components.map(describe),
  });
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

function json(status: number, body: object): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function unavailable(): HttpResponse {
  return json(503, { status: 'Server not available' });
}

function describe({ kind, id, status, message, sinceMs }: ComponentReport): object {
  return { kind, id, status, ...(message === undefined ? {} : { message }), since: new Date(sinceMs).toISOString() };
}
