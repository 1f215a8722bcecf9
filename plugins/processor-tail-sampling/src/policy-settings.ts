import { type Static, Type } from '@millrace/api';

const key = Type.String({ default: '', description: 'The attribute, of a span or its resource.' });
const invertMatch = Type.Boolean({
  default: false,
  description: 'Samples traces in which nothing matches, those without the attribute included.',
});

const settingsOf = (type: string) => ({ description: `Settings of a policy of the type ${type}.` });

/** Parts that any policy may have; which one counts is said by `type`. */
const leaf = {
  name: Type.String({ minLength: 1, description: 'Name of the policy, shown in metrics.' }),
  latency: Type.Optional(
    Type.Object(
      {
        threshold_ms: Type.Integer({
          default: 0,
          description: 'Samples traces that take longer, from the earliest start to the latest end, in milliseconds.',
        }),
        upper_threshold_ms: Type.Integer({
          default: 0,
          minimum: 0,
          description: 'And no longer than this; 0: no limit.',
        }),
      },
      settingsOf('latency'),
    ),
  ),
  numeric_attribute: Type.Optional(
    Type.Object(
      {
        key,
        min_value: Type.Integer({ default: 0, description: 'Least value that matches; 0: no limit.' }),
        max_value: Type.Integer({ default: 0, description: 'Largest value that matches; 0: no limit.' }),
        invert_match: invertMatch,
      },
      settingsOf('numeric_attribute'),
    ),
  ),
  probabilistic: Type.Optional(
    Type.Object(
      {
        hash_salt: Type.String({
          default: '',
          description: 'Goes into the hash of the trace id: tiers that sample anew need different ones.',
        }),
        sampling_percentage: Type.Number({ default: 0, description: 'How many of a hundred; 100 and more: all.' }),
      },
      settingsOf('probabilistic'),
    ),
  ),
  status_code: Type.Optional(
    Type.Object(
      {
        status_codes: Type.Array(Type.Enum(['OK', 'ERROR', 'UNSET']), {
          minItems: 1,
          description: 'Samples traces with a span that has one of these.',
        }),
      },
      settingsOf('status_code'),
    ),
  ),
  string_attribute: Type.Optional(
    Type.Object(
      {
        key,
        values: Type.Array(Type.String(), {
          default: [],
          description: 'Values, or RE2 expressions that find something.',
        }),
        enabled_regex_matching: Type.Boolean({ default: false, description: 'Whether values are RE2 expressions.' }),
        cache_max_size: Type.Integer({
          default: 0,
          minimum: 0,
          description: 'How many results of expressions are remembered; 0: 128.',
        }),
        invert_match: invertMatch,
      },
      settingsOf('string_attribute'),
    ),
  ),
  rate_limiting: Type.Optional(
    Type.Object(
      {
        spans_per_second: Type.Integer({ default: 0, minimum: 0, description: 'Spans that are sampled each second.' }),
        burst_capacity: Type.Integer({
          default: 0,
          minimum: 0,
          description: 'Spans at a time, and the longest trace that can pass; 0: twice spans_per_second.',
        }),
      },
      settingsOf('rate_limiting'),
    ),
  ),
  bytes_limiting: Type.Optional(
    Type.Object(
      {
        bytes_per_second: Type.Integer({
          default: 0,
          minimum: 0,
          description: 'Bytes (of OTLP protobuf) that are sampled each second.',
        }),
        burst_capacity: Type.Integer({
          default: 0,
          minimum: 0,
          description: 'Bytes at a time, and the largest trace that can pass; 0: twice bytes_per_second.',
        }),
      },
      settingsOf('bytes_limiting'),
    ),
  ),
  span_count: Type.Optional(
    Type.Object(
      {
        min_spans: Type.Integer({ default: 0, minimum: 0, description: 'Fewest spans of a sampled trace.' }),
        max_spans: Type.Integer({ default: 0, minimum: 0, description: 'Most spans of a sampled trace; 0: no limit.' }),
      },
      settingsOf('span_count'),
    ),
  ),
  trace_state: Type.Optional(
    Type.Object(
      {
        key: Type.String({ default: '', description: 'A key of the W3C tracestate.' }),
        values: Type.Array(Type.String(), {
          default: [],
          description: 'Samples traces with a span that has one of these.',
        }),
      },
      settingsOf('trace_state'),
    ),
  ),
  boolean_attribute: Type.Optional(
    Type.Object(
      {
        key,
        value: Type.Boolean({ default: false, description: 'The value that matches.' }),
        invert_match: invertMatch,
      },
      settingsOf('boolean_attribute'),
    ),
  ),
  ottl_condition: Type.Optional(
    Type.Object(
      {
        error_mode: Type.Enum(['propagate', 'ignore', 'silent'], {
          default: 'propagate',
          description:
            'What an error of a condition leads to: propagate leaves the policy out for the trace, ignore logs it and goes on, silent only goes on.',
        }),
        span: Type.Array(Type.String(), { default: [], description: 'OTTL conditions on spans, joined by or.' }),
        spanevent: Type.Array(Type.String(), {
          default: [],
          description: 'OTTL conditions on span events, joined by or.',
        }),
      },
      settingsOf('ottl_condition'),
    ),
  ),
};

/** The types without policies inside. */
const LEAF_TYPES = [
  'always_sample',
  'latency',
  'numeric_attribute',
  'probabilistic',
  'status_code',
  'string_attribute',
  'rate_limiting',
  'bytes_limiting',
  'span_count',
  'trace_state',
  'trace_flags',
  'boolean_attribute',
  'ottl_condition',
] as const;

const type = <const T extends readonly string[]>(types: T) =>
  Type.Enum([...LEAF_TYPES, ...types], { description: 'What the policy goes by; its settings stand under this key.' });

const leafPolicy = Type.Object({ ...leaf, type: type([]) });

const not = Type.Optional(
  Type.Object(
    { not_sub_policy: { ...leafPolicy, description: 'Samples the traces that this does not.' } },
    settingsOf('not'),
  ),
);

const inAnd = Type.Object({ ...leaf, type: type(['not']), not });

const and = Type.Optional(
  Type.Object(
    {
      and_sub_policy: Type.Array(inAnd, { minItems: 1, description: 'Samples traces that all of these sample.' }),
    },
    settingsOf('and'),
  ),
);

const inComposite = Type.Object({ ...leaf, type: type(['and']), and });

export const policySettings = Type.Object({
  ...leaf,
  type: type(['and', 'not', 'drop', 'composite']),
  and,
  not,
  drop: Type.Optional(
    Type.Object(
      {
        drop_sub_policy: Type.Array(inAnd, {
          minItems: 1,
          description: 'Drops traces that all of these sample, whatever other policies say.',
        }),
      },
      settingsOf('drop'),
    ),
  ),
  composite: Type.Optional(
    Type.Object(
      {
        max_total_spans_per_second: Type.Integer({ default: 0, minimum: 0, description: 'What is allotted.' }),
        policy_order: Type.Array(Type.String(), {
          default: [],
          description: 'Names in the order in which they are asked; the first that samples a trace decides.',
        }),
        composite_sub_policy: Type.Array(inComposite, { minItems: 1, description: 'The policies.' }),
        rate_allocation: Type.Array(
          Type.Object({
            policy: Type.String({ description: 'Name of a policy.' }),
            percent: Type.Integer({
              default: 0,
              minimum: 0,
              description: 'Its part of max_total_spans_per_second; 0: as much as each would have.',
            }),
          }),
          { default: [], description: 'How many spans each policy may sample in a second.' },
        ),
      },
      settingsOf('composite'),
    ),
  ),
});

/** A policy on the first level. */
export type PolicySettings = Static<typeof policySettings>;
/** A policy that may stand within all others. */
export type LeafSettings = Static<typeof leafPolicy>;
export type AndSubSettings = Static<typeof inAnd>;
export type CompositeSubSettings = Static<typeof inComposite>;
export type CompositeSettings = NonNullable<PolicySettings['composite']>;
