import { type Static, Type } from '@millrace/api';
import { policySettings } from './policy-settings.ts';

export const samplerSettings = Type.Object({
  policies: Type.Array(policySettings, { minItems: 1, description: 'What decides whether a trace is sampled.' }),
  sampling_strategy: Type.Enum(['trace-complete', 'span-ingest'], {
    default: 'trace-complete',
    description:
      'trace-complete decides when decision_wait is over, by all spans. span-ingest decides by each batch of spans as it comes; what was not sampled by the end of decision_wait is dropped.',
  }),
  decision_wait: Type.Duration({
    default: '30s',
    description: 'How long spans are held, from the first of a trace, before the decision.',
  }),
  decision_wait_after_root_received: Type.Duration({
    default: '0s',
    description: 'How long at most from the root span on; 0: no sooner than decision_wait.',
  }),
  num_traces: Type.Integer({
    default: 50_000,
    minimum: 1,
    description: 'Traces that are kept in mind. The oldest makes room; its spans are dropped if nothing was decided.',
  }),
  block_on_overflow: Type.Boolean({
    default: false,
    description:
      'Whether new traces are refused for now when num_traces wait for their decision, in place of the oldest.',
  }),
  expected_new_traces_per_sec: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'A hint for the Collector: memory is not taken in advance here.',
  }),
  decision_cache: Type.Object(
    {
      sampled_cache_size: Type.Integer({
        default: 0,
        minimum: 0,
        description: 'Sampled trace ids that are remembered for late spans, beyond num_traces.',
      }),
      non_sampled_cache_size: Type.Integer({
        default: 0,
        minimum: 0,
        description: 'Trace ids that were not sampled and are remembered for late spans.',
      }),
    },
    { description: 'Decisions that outlive their traces; the least recently used make room.' },
  ),
  sample_on_first_match: Type.Boolean({
    default: false,
    description: 'Whether the first policy that samples ends the questioning.',
  }),
  drop_pending_traces_on_shutdown: Type.Boolean({
    default: false,
    description: 'Whether a shutdown drops the traces that wait, instead of deciding by what is there.',
  }),
  maximum_trace_size_bytes: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'A trace that grows beyond this before its decision is dropped; 0: no limit.',
  }),
  num_shards: Type.Integer({
    default: 1,
    minimum: 0,
    maximum: 256,
    description: 'Event loops of the Collector: there is one here, to which all limits apply whole.',
  }),
  tail_storage: Type.Optional(Type.String({ description: 'Experimental in the Collector: not supported.' })),
  maximum_held_bytes: Type.Integer({
    default: 0,
    minimum: 0,
    description:
      'Bytes of undecided spans beyond which the oldest traces are decided early, by what is there; 0: half of the memory for data in flight.',
  }),
  acknowledge: Type.Enum(['held', 'decided'], {
    default: 'held',
    description:
      'When senders are answered: once their spans are held in memory, or, where destinations acknowledge what is delivered or on disk, once their traces are decided and safe. Senders must then wait longer than decision_wait.',
  }),
  invert_decisions: Type.Boolean({
    default: false,
    description:
      'Whether invert_match gives inverted decisions, as in the Collector before 0.144: a match vetoes the trace, and no match samples it unless another policy does not.',
  }),
});

export type SamplerSettings = Static<typeof samplerSettings>;
