import { messageOf } from '@millrace/api';
import { expect, test } from 'vitest';
import { collectorWith } from './testing/traces.ts';

const all = '{ name: all, type: always_sample }';
const error = '{ name: error, type: status_code, status_code: { status_codes: [ERROR] } }';

test.each([
  ['{ }', 'policies', ''],
  ['{ policies: [] }', 'policies', ''],
  ['{ policies: [{ type: always_sample }] }', 'policies[0].name', ''],
  ['{ policies: [{ name: a, type: guess }] }', 'policies[0].type', ''],
  [`{ policies: [${all}, ${all}] }`, 'policies[1].name', 'another policy is named "all"'],
  ['{ policies: [{ name: a, type: latency }] }', 'policies[0]', 'without its settings'],
  ['{ policies: [{ name: a, type: and }] }', 'policies[0]', 'without its settings'],
  ['{ policies: [{ name: a, type: status_code, status_code: { status_codes: [] } }] }', 'policies[0].status_code', ''],
  ['{ policies: [{ name: a, type: status_code, status_code: { status_codes: [BAD] } }] }', 'status_codes[0]', ''],
  [
    '{ policies: [{ name: a, type: numeric_attribute, numeric_attribute: { key: k } }] }',
    'policies[0].numeric_attribute',
    'neither a min_value nor a max_value',
  ],
  [
    '{ policies: [{ name: a, type: string_attribute, string_attribute: { key: k, values: [a, "("], enabled_regex_matching: true } }] }',
    'policies[0].string_attribute.values[1]',
    'RE2',
  ],
  [
    '{ policies: [{ name: a, type: ottl_condition, ottl_condition: {} }] }',
    'policies[0].ottl_condition',
    'no conditions',
  ],
  [
    `{ policies: [{ name: a, type: ottl_condition, ottl_condition: { spanevent: ['name == "a"', 'nam == 1'] } }] }`,
    'policies[0].ottl_condition.spanevent[1]',
    'nam',
  ],
  [
    '{ policies: [{ name: a, type: and, and: { and_sub_policy: [{ name: b, type: not, not: { not_sub_policy: { name: c, type: latency } } }] } }] }',
    'policies[0].and.and_sub_policy[0].not.not_sub_policy',
    'without its settings',
  ],
  [
    `{ policies: [{ name: a, type: drop, drop: { drop_sub_policy: [{ name: b, type: and }] } }] }`,
    'drop_sub_policy[0].type',
    '',
  ],
  [
    `{ policies: [{ name: a, type: composite, composite: { composite_sub_policy: [${all}], policy_order: [al] } }] }`,
    'policies[0].composite.policy_order[0]',
    'there is no policy "al"',
  ],
  [
    `{ policies: [{ name: a, type: composite, composite: { composite_sub_policy: [${all}], rate_allocation: [{ policy: x }] } }] }`,
    'policies[0].composite.rate_allocation[0].policy',
    'there is no policy "x"',
  ],
  [`{ policies: [${all}], tail_storage: file_storage }`, 'tail_storage', 'not supported'],
  [`{ policies: [${all}], num_shards: 300 }`, 'num_shards', ''],
  [
    `{ policies: [${all}, { name: a, type: and, and: { and_sub_policy: [${error}, { name: b, type: rate_limiting, rate_limiting: { spans_per_second: 1 } }] } }], sampling_strategy: span-ingest }`,
    'policies[1].and.and_sub_policy[1]',
    'needs whole traces',
  ],
  [
    '{ policies: [{ name: a, type: latency, latency: { upper_threshold_ms: 5 } }], sampling_strategy: span-ingest }',
    'policies[0]',
    'needs whole traces',
  ],
])('%s is refused at %s', async (settings, place, message) => {
  const refusal = await collectorWith(settings).then(
    async (collector) => {
      await collector.shutdown();
      return 'accepted';
    },
    (error: unknown) => messageOf(error),
  );
  expect(refusal).toContain(place);
  expect(refusal).toContain(message);
});

// The example of the Collector's documentation, shortened where it repeats itself.
test('the policies of the Collector’s documentation are accepted', async () => {
  const policies = [
    '{ name: test-policy-1, type: always_sample }',
    '{ name: test-policy-2, type: latency, latency: { threshold_ms: 5000, upper_threshold_ms: 10000 } }',
    '{ name: test-policy-3, type: numeric_attribute, numeric_attribute: { key: key1, min_value: 50, max_value: 100 } }',
    '{ name: test-policy-7, type: string_attribute, string_attribute: { key: key2, values: [value1, val*], enabled_regex_matching: true, cache_max_size: 10 } }',
    '{ name: test-policy-9, type: bytes_limiting, bytes_limiting: { bytes_per_second: 1024000, burst_capacity: 2048000 } }',
    `{ name: test-policy-13, type: ottl_condition, ottl_condition: { error_mode: ignore, span: ['span.attributes["a"] == "b"'], spanevent: ['spanevent.name != "c"'] } }`,
    `{ name: drop-1, type: drop, drop: { drop_sub_policy: [{ name: d, type: string_attribute, string_attribute: { key: url.path, values: [\\/health, \\/metrics], enabled_regex_matching: true } }] } }`,
    `{ name: composite-1, type: composite, composite: { max_total_spans_per_second: 1000, policy_order: [c1, c2], composite_sub_policy: [{ name: c1, type: numeric_attribute, numeric_attribute: { key: key1, min_value: 50 } }, { name: c2, type: and, and: { and_sub_policy: [${error}] } }], rate_allocation: [{ policy: c1, percent: 50 }] } }`,
  ];
  const caches = 'decision_cache: { sampled_cache_size: 100_000, non_sampled_cache_size: 100_000 }';
  const accepted = collectorWith(
    `{ decision_wait: 10s, num_traces: 100, expected_new_traces_per_sec: 10, ${caches}, policies: [${policies.join()}] }`,
  );
  await expect(accepted.then((collector) => collector.shutdown())).resolves.toBeDefined();
});
