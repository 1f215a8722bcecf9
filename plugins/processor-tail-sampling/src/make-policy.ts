import type { Clock } from '@millrace/api';
import { alwaysSample } from './policies/always-sample.ts';
import { And } from './policies/and.ts';
import { AttributePolicy, type AttributeTest } from './policies/attribute-policy.ts';
import { BooleanAttribute } from './policies/boolean-attribute.ts';
import { Composite } from './policies/composite.ts';
import { Latency } from './policies/latency.ts';
import { Not } from './policies/not.ts';
import { NumericAttribute } from './policies/numeric-attribute.ts';
import { OttlCondition, type OttlEnvironment } from './policies/ottl-condition.ts';
import type { Policy } from './policies/policy.ts';
import { Probabilistic } from './policies/probabilistic.ts';
import { RatePolicy } from './policies/rate-policy.ts';
import { SpanCount } from './policies/span-count.ts';
import { statusCode } from './policies/status-code.ts';
import { StringAttribute } from './policies/string-attribute.ts';
import { TokenBucket } from './policies/token-bucket.ts';
import { traceFlags } from './policies/trace-flags.ts';
import { traceState } from './policies/trace-state.ts';
import type {
  AndSubSettings,
  CompositeSettings,
  CompositeSubSettings,
  LeafSettings,
  PolicySettings,
} from './policy-settings.ts';

export interface PolicyEnvironment extends OttlEnvironment {
  readonly clock: Clock;
  readonly invertDecisions: boolean;
}

type AnySettings = PolicySettings | AndSubSettings | CompositeSubSettings | LeafSettings;

/** Makes a policy with all that are in it, of settings that `checkPolicies` lets pass. */
export function makePolicy(settings: AnySettings, environment: PolicyEnvironment): Policy {
  const make = (sub: AnySettings) => makePolicy(sub, environment);
  if ('and' in settings && settings.type === 'and') return new And(settings.and.and_sub_policy.map(make), 'sampled');
  if ('drop' in settings && settings.type === 'drop')
    return new And(settings.drop.drop_sub_policy.map(make), 'dropped');
  if ('not' in settings && settings.type === 'not') return new Not(make(settings.not.not_sub_policy));
  if ('composite' in settings && settings.type === 'composite') return composite(settings.composite, environment);
  return makeLeaf(settings as LeafSettings, environment);
}

function makeLeaf(settings: LeafSettings, environment: PolicyEnvironment): Policy {
  switch (settings.type) {
    case 'always_sample':
      return alwaysSample;
    case 'latency':
      return new Latency(settings.latency!);
    case 'numeric_attribute':
      return attribute(new NumericAttribute(settings.numeric_attribute!), settings.numeric_attribute!, environment);
    case 'probabilistic':
      return new Probabilistic(settings.probabilistic!);
    case 'status_code':
      return statusCode(settings.status_code!.status_codes);
    case 'string_attribute':
      return attribute(new StringAttribute(settings.string_attribute!), settings.string_attribute!, environment);
    case 'rate_limiting': {
      const { spans_per_second: perSecond, burst_capacity: burst } = settings.rate_limiting!;
      return new RatePolicy(bucket(perSecond, burst, environment), ({ spanCount }) => spanCount);
    }
    case 'bytes_limiting': {
      const { bytes_per_second: perSecond, burst_capacity: burst } = settings.bytes_limiting!;
      return new RatePolicy(bucket(perSecond, burst, environment), ({ bytes }) => bytes);
    }
    case 'span_count':
      return new SpanCount(settings.span_count!);
    case 'trace_state':
      return traceState(settings.trace_state!);
    case 'trace_flags':
      return traceFlags();
    case 'boolean_attribute':
      return attribute(new BooleanAttribute(settings.boolean_attribute!), settings.boolean_attribute!, environment);
    case 'ottl_condition':
      return new OttlCondition(settings.ottl_condition!, environment);
  }
}

function attribute(
  test: AttributeTest,
  { invert_match: invertMatch }: { readonly invert_match: boolean },
  { invertDecisions }: PolicyEnvironment,
): Policy {
  return new AttributePolicy(test, { invertMatch, invertDecisions });
}

function bucket(perSecond: number, burst: number, { clock }: PolicyEnvironment): TokenBucket {
  return new TokenBucket({ perSecond, capacity: burst === 0 ? perSecond * 2 : burst }, clock);
}

function composite(settings: CompositeSettings, environment: PolicyEnvironment): Composite {
  const { composite_sub_policy: policies, policy_order: order, max_total_spans_per_second: max } = settings;
  const percents = new Map(settings.rate_allocation.map(({ policy, percent }) => [policy, percent]));
  const placeOf = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  const shares = policies
    .toSorted((a, b) => placeOf(a.name) - placeOf(b.name))
    .map((sub) => {
      const percent = percents.get(sub.name) ?? 0;
      const spansPerSecond = Math.floor(percent > 0 ? (percent / 100) * max : max / policies.length);
      return { policy: makePolicy(sub, environment), spansPerSecond };
    });
  return new Composite(shares, max, environment.clock);
}
