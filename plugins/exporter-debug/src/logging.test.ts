import { jsonToProto } from '@millrace/otlp';
import { collectorOf } from '@millrace/testkit';
import { expect, test } from 'vitest';

const PLUGIN = new URL('./index.ts', import.meta.url);

const configOf = (settings: string) => `
receivers: { test/in: }
exporters: { logging: ${settings} }
service: { pipelines: { logs: { receivers: [test/in], exporters: [logging] } } }
`;
const RECORD = jsonToProto(
  'logs',
  '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"hello"}}]}]}]}',
);

test.each([
  ['', false],
  ['{ loglevel: info }', false],
  ['{ verbosity: normal, sampling_initial: 5 }', false],
  ['{ loglevel: debug }', true],
  ['{ verbosity: detailed }', true],
])('logging: %s shows the records: %s', async (settings, shows) => {
  await using collector = await collectorOf(configOf(settings), { plugins: [PLUGIN] });
  await collector.in().send('logs', RECORD);
  const lines = collector.logger.lines.filter(({ level }) => level === 'info');
  expect(lines.some(({ fields }) => fields?.['log records'] === 1)).toBe(true);
  expect(lines.some(({ message }) => message.includes('Body: Str(hello)'))).toBe(shows);
});

test('loglevel and verbosity exclude each other', async () => {
  const refusal = collectorOf(configOf('{ loglevel: debug, verbosity: basic }'), { plugins: [PLUGIN] });
  await expect(refusal).rejects.toThrow('cannot be used together with verbosity');
});
