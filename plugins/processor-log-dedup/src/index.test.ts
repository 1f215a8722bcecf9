import { protoToJson } from '@millrace/otlp';
import { checkConformance, collectorOf, ManualClock, taggedRequest } from '@millrace/testkit';
import { expect, test } from 'vitest';

// The suite knows records by their time, which is that of the emission here: what becomes of single records is looked at in
// deduplication.test.ts.
test('the rules that do not tell records by their times are kept', { timeout: 60_000 }, async () => {
  const verdicts = await checkConformance(new URL('./index.ts', import.meta.url), {});
  const broken = verdicts
    .filter(({ rule }) => !rule.id.startsWith('accounting/'))
    .flatMap(({ rule, violations }) => violations.map(({ seen }) => `${rule.id}: ${seen}`));
  expect(broken.filter((each) => !/^pressure.*never delivered/.test(each))).toEqual([]);
});

test('a collector passes one of equal records on, and holds nothing afterwards', async () => {
  const clock = new ManualClock();
  const yaml = [
    'receivers: { test/in: }',
    'processors: { logdedup: { interval: 1s } }',
    'exporters: { test/out: }',
    'service: { pipelines: { logs: { receivers: [test/in], processors: [logdedup], exporters: [test/out] } } }',
  ].join('\n');
  await using collector = await collectorOf(yaml, { plugins: [new URL('./index.ts', import.meta.url)], clock });
  const sent = [1, 1, 1].map((id) => collector.in().send('logs', taggedRequest('logs', [id])));
  await clock.settle();
  await clock.advance(1_000);
  await Promise.all(sent);
  const [{ bytes, items }] = collector.out().accepted;
  expect(items).toBe(1);
  expect(Buffer.from(protoToJson('logs', bytes)).toString()).toContain('"key":"log_count","value":{"intValue":"3"}');
  expect(collector.bytesInFlight).toBe(0);
});
