import { SIGNALS } from '@millrace/api';
import { collectorOf, describeConformance, samplesOf } from '@millrace/testkit';
import { expect, test } from 'vitest';

const PLUGIN = new URL('./index.ts', import.meta.url);

describeConformance(PLUGIN, { untouched: ['forward:'] });

test.each(SIGNALS)('%s of several pipelines are merged into several others, unchanged', async (signal) => {
  const yaml = `
receivers: { test/in: , test/in2: }
connectors: { forward: }
exporters: { test/out: , test/out2: }
service:
  pipelines:
    ${signal}/1: { receivers: [test/in], exporters: [forward] }
    ${signal}/2: { receivers: [test/in2], exporters: [forward] }
    ${signal}/3: { receivers: [forward], exporters: [test/out] }
    ${signal}/4: { receivers: [forward], exporters: [test/out2] }
`;
  await using collector = await collectorOf(yaml, { plugins: [PLUGIN] });
  const [, typical, odd] = samplesOf(signal);
  await collector.in('test/in').send(signal, typical.bytes);
  await collector.in('test/in2').send(signal, odd.bytes);
  const expected = [typical, odd].map((sample) => Uint8Array.from(sample.bytes));
  expect(collector.out('test/out').accepted.map(({ bytes }) => bytes)).toEqual(expected);
  expect(collector.out('test/out2').accepted.map(({ bytes }) => bytes)).toEqual(expected);
});
