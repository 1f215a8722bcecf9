import { defineProcessor } from '@millrace/api';
import { checkSampler } from './check-policies.ts';
import { samplerSettings } from './sampler-settings.ts';
import { TailSampler } from './tail-sampler.ts';

/** Samples whole traces by policies, once their spans are there. */
export default defineProcessor({
  type: 'tail_sampling',
  summary: 'Samples whole traces by what is in them, once their spans have had time to come.',
  stability: 'beta',
  config: samplerSettings,
  examples: [
    {
      title: 'Everything but health checks that went well',
      yaml: [
        'tail_sampling:',
        '  decision_wait: 10s',
        '  decision_cache: { sampled_cache_size: 100000, non_sampled_cache_size: 500000 }',
        '  policies:',
        '    - name: boring',
        '      type: drop',
        '      drop:',
        '        drop_sub_policy:',
        '          - name: health-checks',
        '            type: string_attribute',
        '            string_attribute: { key: url.path, values: [^/healthz, ^/ready], enabled_regex_matching: true }',
        '          - name: no-errors',
        '            type: not',
        '            not:',
        '              not_sub_policy: { name: errors, type: status_code, status_code: { status_codes: [ERROR] } }',
        '    - { name: the-rest, type: always_sample }',
      ].join('\n'),
    },
    {
      title: 'Errors, slow traces, and all services that are not noisy',
      yaml: [
        'tail_sampling/services:',
        '  policies:',
        '    - { name: errors, type: status_code, status_code: { status_codes: [ERROR] } }',
        '    - { name: slow, type: latency, latency: { threshold_ms: 2000 } }',
        '    - name: quiet-services',
        '      type: string_attribute',
        '      string_attribute: { key: service.name, values: [cart, search], invert_match: true }',
        '    - { name: some-of-the-noise, type: probabilistic, probabilistic: { sampling_percentage: 5 } }',
      ].join('\n'),
    },
    {
      title: 'Rates by kind, by OTTL',
      yaml: [
        'tail_sampling/rates:',
        '  decision_wait: 20s',
        '  decision_wait_after_root_received: 3s',
        '  policies:',
        '    - name: budget',
        '      type: composite',
        '      composite:',
        '        max_total_spans_per_second: 10000',
        '        policy_order: [failed-payments, the-rest]',
        '        composite_sub_policy:',
        '          - name: failed-payments',
        '            type: ottl_condition',
        '            ottl_condition:',
        '              error_mode: ignore',
        '              span: [\'span.attributes["payment.status"] == "failed"\']',
        '          - { name: the-rest, type: always_sample }',
        '        rate_allocation:',
        '          - { policy: failed-payments, percent: 40 }',
        '          - { policy: the-rest, percent: 60 }',
      ].join('\n'),
    },
  ],
  check: checkSampler,
  stateful: {
    signals: ['traces'],
    acknowledges: ({ acknowledge }) => (acknowledge === 'held' ? 'taken' : 'delivered'),
    create: (settings, host) => new TailSampler(settings, host),
  },
});
