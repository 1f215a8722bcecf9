import { LogsBatch } from '@millrace/otlp';
import { expect, test } from 'vitest';
import definition from './index.ts';
import { collectorWith, logs, toWire } from './testing/transform.ts';

const TENANT = 'set(log.attributes["tenant"], otelcol.client.metadata["X-Tenant"])';

test('statements see who sent the telemetry, and data of different senders is kept apart', async () => {
  await using collector = await collectorWith(JSON.stringify({ log_statements: [TENANT] }));
  const request = toWire('logs', logs({}, { body: { stringValue: 'x' } }));
  const tenants = ['a', 'b', 'a', 'c'];
  const sender = (tenant: string) => ({ metadata: { 'x-tenant': [tenant] } });
  await Promise.all(tenants.map((tenant) => collector.in().send('logs', request, sender(tenant))));
  await collector.in().send('logs', request);
  const found = collector
    .out()
    .accepted.flatMap(({ bytes }) =>
      [...LogsBatch.of([bytes]).records].map(({ attributes }) => attributes.get('tenant')),
    );
  expect(found.map(String).toSorted()).toEqual([...tenants, 'null'].toSorted());
});

test('only paths of otelcol make it look at senders', () => {
  const uses = (statement: string) =>
    definition.usesContext?.({
      error_mode: 'propagate',
      log_statements: [{ statements: [statement], conditions: [] }],
      trace_statements: [],
      metric_statements: [],
      profile_statements: [],
    });
  expect(uses(TENANT)).toBe(true);
  expect(uses('set(log.body, resource.attributes["x"])')).toBe(false);
});
