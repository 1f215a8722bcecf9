import { checkConformance } from '@millrace/testkit';
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
