import { describeConformance, FakeStatefulHost } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';
import definition from './index.ts';
import type { RateLimitSettings } from './rate-limit-settings.ts';

const host = new FakeStatefulHost({ signal: 'logs', guarantee: 'safe' });
/** Not part of the public interface yet; without it, there is nothing that could conform. */
const makesBatches = 'makeBatch' in host;

describe.runIf(makesBatches)('as part of a collector', () => {
  describeConformance(new URL('./index.ts', import.meta.url), {
    configs: [
      'rate_limit/tight: { limit: 5, burst: 3 }',
      'rate_limit/few: { limit: 2, max_keys: 2, key: { expressions: ["resource.attributes[\\"service.name\\"]"], client_address: true } }',
      'rate_limit/shares: { limit: 1, excess: sample, sample: { ratio: 0.3 } }',
    ],
    untouched: ['rate_limit/wide: { limit: 1000000, key: { attributes: [a] } }'],
  });
});

test.runIf(!makesBatches)('a host that does not make batches is refused at the start', () => {
  const settings = { limit: 1 } as RateLimitSettings;
  expect(() => definition.stateful?.create(settings, host)).toThrow('does not let processors that hold state change');
});
