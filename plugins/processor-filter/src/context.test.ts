import { jsonToProto } from '@millrace/otlp';
import { expect, test } from 'vitest';
import { collectorWith } from './testing/filter.ts';

test('conditions see who sent the telemetry, and data of different senders is kept apart', async () => {
  const settings = { logs: { log_record: ['otelcol.client.metadata["x-tenant"] == "noisy"'] } };
  await using collector = await collectorWith(JSON.stringify(settings));
  const record = { body: { stringValue: 'x' } };
  const request = { resourceLogs: [{ resource: {}, scopeLogs: [{ scope: {}, logRecords: [record] }] }] };
  const bytes = jsonToProto('logs', JSON.stringify(request));
  const send = (tenant: string) => collector.in().send('logs', bytes, { metadata: { 'x-tenant': [tenant] } });
  await Promise.all(['noisy', 'quiet', 'noisy', 'quiet', 'noisy'].map((tenant) => send(tenant)));
  expect(collector.out().items).toBe(2);
});
