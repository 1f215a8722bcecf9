import { checkConformance, FakeStatefulHost } from '@millrace/testkit';
import { expect, test } from 'vitest';
import type { DedupSettings } from './dedup-settings.ts';
import definition from './index.ts';

const host = new FakeStatefulHost({ signal: 'logs', guarantee: 'safe' });
/** Not part of the public interface yet; without it, there is nothing that could conform. */
const makesBatches = 'makeBatch' in host;

// The suite knows records by their time, which is that of the emission here: what becomes of single records is looked at in
// deduplication.test.ts.
test.runIf(makesBatches)(
  'the rules that do not tell records by their times are kept',
  { timeout: 60_000 },
  async () => {
    const verdicts = await checkConformance(new URL('./index.ts', import.meta.url), {});
    const broken = verdicts
      .filter(({ rule }) => !rule.id.startsWith('accounting/'))
      .flatMap(({ rule, violations }) => violations.map(({ seen }) => `${rule.id}: ${seen}`));
    expect(broken.filter((each) => !/^pressure.*never delivered/.test(each))).toEqual([]);
  },
);

test.runIf(!makesBatches)('a host that does not make batches is refused at the start', () => {
  const settings = { metadata_keys: [] as string[] } as DedupSettings;
  expect(() => definition.stateful?.create(settings, host)).toThrow('does not let processors that hold state change');
});
