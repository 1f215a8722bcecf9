import type { ReceiverHost } from '@millrace/api';
import { expect, test } from 'vitest';
import { httpRoutes } from './http-routes.ts';

test.each([
  ['traces', '/traces'],
  ['/traces', '/traces'],
  ['v2/otlp/traces', '/v2/otlp/traces'],
])('traces_url_path: %s is served at %s', (written, served) => {
  const config = { traces_url_path: written } as unknown as Parameters<typeof httpRoutes>[0];
  const host = { signals: new Set(['traces']) } as unknown as ReceiverHost;
  expect([...httpRoutes(config, host).keys()]).toEqual([served]);
});
