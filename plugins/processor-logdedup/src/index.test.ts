import { checkConformance, FakeStatefulHost } from '@millrace/testkit';
import { expect, test } from 'vitest';
import type { DedupSettings } from './dedup-settings.ts';
import definition from './index.ts';

const host = new FakeStatefulHost({ signal: 'logs', guarantee: 'safe' });
/** Not part of the public interface yet; without it, there is nothing that could conform. */
const makesBatches = 'makeBatch' in host;

// The rules of accounting know items by their time, which is that of the emission here: see deduplication.test.ts.
test.runIf(makesBatches)('the rules that do not need the times of records are kept', { timeout: 60_000 }, async () => {
  const verdicts = await checkConformance(new URL('./index.ts', import.meta.url), {});
  const broken = verdicts.filter(({ rule, violations }) => !rule.id.startsWith('accounting/') && violations.length > 0);
  expect(broken).toEqual([]);
});

test.runIf(!makesBatches)('a host that does not make batches is refused at the start', () => {
  const settings = { metadata_keys: [] as string[] } as DedupSettings;
  expect(() => definition.stateful?.create(settings, host)).toThrow('does not let processors that hold state change');
});
