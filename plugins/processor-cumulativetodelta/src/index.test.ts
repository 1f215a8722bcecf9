import { describeConformance, FakeStatefulHost } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';
import type { DeltaSettings } from './delta-settings.ts';
import definition from './index.ts';

const host = new FakeStatefulHost({ signal: 'metrics', guarantee: 'safe' });
/** Not part of the public interface yet; without it, there is nothing that could conform. */
const makesBatches = 'makeBatch' in host;

describe.runIf(makesBatches)('as part of a collector', () => {
  describeConformance(new URL('./index.ts', import.meta.url), {
    untouched: ['cumulativetodelta/none: { include: { match_type: strict, metrics: [none] } }'],
  });
});

test.runIf(!makesBatches)('a host that does not make batches is refused at the start', () => {
  const settings = { max_staleness: 0, max_streams: 1 } as DeltaSettings;
  expect(() => definition.stateful?.create(settings, host)).toThrow('does not let processors that hold state change');
});
