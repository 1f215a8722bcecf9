import { SIGNALS } from '@millrace/api';
import { expect, test } from 'vitest';
import { collectorOf, idsIn, samplesOf } from './index.ts';

const PASS = `
receivers: { test/in: }
exporters: { test/out: }
service:
  pipelines: { logs: &all { receivers: [test/in], exporters: [test/out] }, traces: *all, metrics: *all, profiles: *all }
`;

test.each(SIGNALS)('samples of %s carry their ids through a collector, byte for byte', async (signal) => {
  await using collector = await collectorOf(PASS);
  for (const { bytes, ids } of samplesOf(signal)) {
    expect(idsIn(signal, [bytes])).toEqual(ids);
    await expect(collector.in().send(signal, bytes)).resolves.toEqual({ items: ids.length });
    expect(collector.out().accepted.at(-1)).toMatchObject({ signal, bytes: Uint8Array.from(bytes) });
  }
  await collector.shutdown();
  expect(collector.bytesInFlight).toBe(0);
});

test('a stalled exporter holds answers back until it resumes', async () => {
  await using collector = await collectorOf(PASS);
  const out = collector.out();
  out.stall();
  const answers: string[] = [];
  const sent = collector
    .in()
    .push('logs', [1, 2])
    .then(() => answers.push('accepted'));
  await out.until(({ open }) => open === 1);
  expect(answers).toEqual([]);
  out.resume();
  await sent;
  expect(out.ids('logs')).toEqual([1, 2]);
});
