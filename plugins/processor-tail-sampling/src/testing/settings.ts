import type { LeafSettings, PolicySettings } from '../policy-settings.ts';
import type { SamplerSettings } from '../sampler-settings.ts';

export const ALL: PolicySettings = { name: 'all', type: 'always_sample' };
export const ERRORS: LeafSettings & PolicySettings = {
  name: 'errors',
  type: 'status_code',
  status_code: { status_codes: ['ERROR'] },
};

/** As the schema fills them in; errors are sampled. */
export function settingsWith(settings: Partial<SamplerSettings>): SamplerSettings {
  return {
    policies: [ERRORS],
    sampling_strategy: 'trace-complete',
    decision_wait: 10_000,
    decision_wait_after_root_received: 0,
    num_traces: 50_000,
    block_on_overflow: false,
    expected_new_traces_per_sec: 0,
    decision_cache: { sampled_cache_size: 0, non_sampled_cache_size: 0 },
    sample_on_first_match: false,
    drop_pending_traces_on_shutdown: false,
    maximum_trace_size_bytes: 0,
    num_shards: 1,
    maximum_held_bytes: 0,
    acknowledge: 'held',
    invert_decisions: false,
    ...settings,
  };
}
