import { defineProcessor } from '@millrace/api';
import { HashedRandomness } from './hashed-randomness.ts';
import { RecordSampler } from './sample-records.ts';
import { sampleSpans } from './sample-spans.ts';
import { Sampler } from './sampler.ts';
import { checkSampler, samplerSettings } from './sampler-settings.ts';
import { TraceState } from './trace-state.ts';

/** Keeps a share of spans or log records, the same one in every collector. */
export default defineProcessor({
  type: 'probabilistic_sampler',
  summary: 'Keeps a percentage of traces or log records, consistently, and notes with which probability.',
  stability: 'beta',
  config: samplerSettings,
  examples: [
    {
      title: 'Keep all log records of some pods, and more of what says that it matters',
      yaml: [
        'probabilistic_sampler/pods:',
        '  sampling_percentage: 25',
        '  attribute_source: record',
        '  from_attribute: k8s.pod.uid',
        '  sampling_priority: priority',
        '  fail_closed: false',
      ].join('\n'),
    },
    { title: 'Keep 5 % of all traces', yaml: 'probabilistic_sampler: { hash_seed: 22, sampling_percentage: 5 }' },
    {
      title: 'Keep a tenth of everything, whatever SDKs have sampled already',
      yaml: 'probabilistic_sampler/tenth: { mode: equalizing, sampling_percentage: 10 }',
    },
  ],
  check: checkSampler,
  create: (settings, tools) => {
    const sampler = new Sampler(settings);
    const hash = new HashedRandomness(settings.hash_seed);
    const records = new RecordSampler(settings, sampler, hash);
    const spans = { sampler, hash, state: new TraceState() };
    return {
      logs: (batch) => {
        tools.count('processor_probabilistic_sampler_count_logs_sampled', records.sample(batch));
      },
      traces: (batch) => {
        tools.count('processor_probabilistic_sampler_count_traces_sampled', sampleSpans(batch, spans));
      },
    };
  },
});
