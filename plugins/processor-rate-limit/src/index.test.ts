import { describeConformance } from '@millrace/testkit';

describeConformance(new URL('./index.ts', import.meta.url), {
  configs: [
    'rate_limit/tight: { limit: 5, burst: 3 }',
    'rate_limit/few: { limit: 2, max_keys: 2, key: { expressions: ["resource.attributes[\\"service.name\\"]"], client_address: true } }',
    'rate_limit/shares: { limit: 1, excess: sample, sample: { ratio: 0.3 } }',
  ],
  untouched: ['rate_limit/wide: { limit: 1000000, key: { attributes: [a] } }'],
});
