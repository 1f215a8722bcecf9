import type { ReceiverHost, Signal } from '@millrace/api';
import type { RequestHead } from '@millrace/transport';
import { expect, test } from 'vitest';
import { httpRoutes } from './http-routes.ts';

function routesFor(paths: object, signals: readonly Signal[]) {
  const config = {
    logs_url_path: '/v1/logs',
    traces_url_path: '/v1/traces',
    metrics_url_path: '/v1/metrics',
    profiles_url_path: '/v1development/profiles',
    ...paths,
  } as Parameters<typeof httpRoutes>[0];
  return httpRoutes(config, { id: 'otlp/in', signals: new Set(signals) } as unknown as ReceiverHost);
}

/** What a request for a path is refused with before it is read. */
function refusalAt(path: string, routes: ReturnType<typeof httpRoutes>) {
  return routes.get(path)?.refuse?.({ mediaType: 'application/json' } as RequestHead);
}

test.each([
  ['traces', '/traces'],
  ['/traces', '/traces'],
  ['v2/otlp/traces', '/v2/otlp/traces'],
])('traces_url_path: %s is served at %s', (written, served) => {
  const routes = routesFor({ traces_url_path: written }, ['traces']);
  expect(routes.has(served)).toBe(true);
  expect(refusalAt(served, routes)).toBeUndefined();
});

test('a sender of a signal that no pipeline takes is told what is missing', () => {
  const routes = routesFor({}, ['logs']);
  expect(refusalAt('/v1/traces', routes)).toEqual({
    status: 404,
    message: 'no pipeline takes traces from the receiver "otlp/in": add one to service.pipelines of the collector',
  });
  expect(refusalAt('/v1/logs', routes)).toBeUndefined();
});

test('a path that two signals share serves the one that is taken', () => {
  const shared = { traces_url_path: '/in', logs_url_path: '/in' };
  expect(refusalAt('/in', routesFor(shared, ['logs']))).toBeUndefined();
  expect(refusalAt('/in', routesFor(shared, ['traces']))).toBeUndefined();
});
