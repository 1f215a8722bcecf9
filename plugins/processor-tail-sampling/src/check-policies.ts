import type { ConfigFault } from '@millrace/api';
import { explainError, OttlErrors } from '@millrace/ottl';
import { compilePattern, PatternError } from '@millrace/pattern';
import { compileOn, type OttlConditionSettings } from './policies/ottl-condition.ts';
import type {
  AndSubSettings,
  CompositeSettings,
  CompositeSubSettings,
  LeafSettings,
  PolicySettings,
} from './policy-settings.ts';
import type { SamplerSettings } from './sampler-settings.ts';

type Path = readonly (string | number)[];
type AnySettings = PolicySettings | AndSubSettings | CompositeSubSettings | LeafSettings;

/** What the schema cannot say of a tail sampler's settings. */
export function checkSampler(settings: SamplerSettings): ConfigFault[] {
  const { policies, sampling_strategy: strategy } = settings;
  return [
    ...(settings.tail_storage === undefined ? [] : [noStorage]),
    ...sameNames(policies, ['policies']),
    ...policies.flatMap((policy, index) => checkPolicy(policy, ['policies', index])),
    ...(strategy === 'span-ingest' ? policies.flatMap((policy, index) => statefulIn(policy, ['policies', index])) : []),
  ];
}

const noStorage: ConfigFault = {
  path: ['tail_storage'],
  message: 'storing spans outside of memory until their decision is not supported',
  remedy: 'leave it out; maximum_held_bytes bounds the memory',
};

function checkPolicy(policy: AnySettings, path: Path): ConfigFault[] {
  const { type } = policy;
  if (type !== 'always_sample' && type !== 'trace_flags' && !(type in policy)) {
    return [
      { path, message: `a policy of the type ${type} without its settings`, remedy: `write them under ${type}:` },
    ];
  }
  return [...checkLeaf(policy, path), ...checkInner(policy, path)];
}

function checkInner(policy: AnySettings, path: Path): ConfigFault[] {
  const inner = innerOf(policy, path);
  const composite = 'composite' in policy && policy.type === 'composite' ? policy.composite : undefined;
  return [
    ...(composite === undefined ? [] : checkComposite(composite, [...path, 'composite'])),
    ...inner.flatMap((each) => checkPolicy(each.policy, each.path)),
  ];
}

/** The policies directly inside one. */
function innerOf(policy: AnySettings, path: Path): { readonly policy: AnySettings; readonly path: Path }[] {
  const list = (policies: readonly AnySettings[] | undefined, ...keys: readonly string[]) =>
    (policies ?? []).map((each, index) => ({ policy: each, path: [...path, ...keys, index] }));
  switch (policy.type) {
    case 'and':
      return 'and' in policy ? list(policy.and?.and_sub_policy, 'and', 'and_sub_policy') : [];
    case 'drop':
      return 'drop' in policy ? list(policy.drop?.drop_sub_policy, 'drop', 'drop_sub_policy') : [];
    case 'composite':
      return 'composite' in policy
        ? list(policy.composite?.composite_sub_policy, 'composite', 'composite_sub_policy')
        : [];
    case 'not':
      return 'not' in policy && policy.not !== undefined
        ? [{ policy: policy.not.not_sub_policy, path: [...path, 'not', 'not_sub_policy'] }]
        : [];
    default:
      return [];
  }
}

function checkLeaf(policy: AnySettings, path: Path): ConfigFault[] {
  const at = [...path, policy.type];
  const { numeric_attribute: numeric, string_attribute: text, ottl_condition: ottl } = policy;
  switch (policy.type) {
    case 'numeric_attribute':
      if (numeric!.min_value !== 0 || numeric!.max_value !== 0) return [];
      return [
        { path: at, message: 'has neither a min_value nor a max_value', remedy: 'write one of them; 0 is no bound' },
      ];
    case 'string_attribute':
      return text!.enabled_regex_matching
        ? text!.values.flatMap((value, i) => pattern(value, [...at, 'values', i]))
        : [];
    case 'ottl_condition':
      return checkOttl(ottl!, at);
    default:
      return [];
  }
}

function pattern(text: string, path: Path): ConfigFault[] {
  try {
    compilePattern(text);
    return [];
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return [{ path, message: error.message }];
  }
}

function checkOttl(settings: OttlConditionSettings, path: Path): ConfigFault[] {
  if (settings.span.length + settings.spanevent.length === 0) {
    return [{ path, message: 'has no conditions', remedy: 'write some under span: or spanevent:' }];
  }
  return (['span', 'spanevent'] as const).flatMap((context) => {
    try {
      compileOn(context, settings);
      return [];
    } catch (error) {
      if (!(error instanceof OttlErrors)) throw error;
      return error.errors.map((each) => ({ path: [...path, context, each.statement], ...explainError(each) }));
    }
  });
}

function checkComposite(settings: CompositeSettings, path: Path): ConfigFault[] {
  const { composite_sub_policy: policies, policy_order: order, rate_allocation: allocation } = settings;
  const names = new Set(policies.map(({ name }) => name));
  const unknown = (name: string, at: Path) =>
    names.has(name) ? [] : [{ path: at, message: `there is no policy "${name}" in composite_sub_policy` }];
  return [
    ...sameNames(policies, [...path, 'composite_sub_policy']),
    ...order.flatMap((name, index) => unknown(name, [...path, 'policy_order', index])),
    ...allocation.flatMap(({ policy }, index) => unknown(policy, [...path, 'rate_allocation', index, 'policy'])),
  ];
}

function sameNames(policies: readonly { readonly name: string }[], path: Path): ConfigFault[] {
  const names = policies.map(({ name }) => name);
  return names.flatMap((name, index) =>
    names.indexOf(name) < index
      ? [{ path: [...path, index, 'name'], message: `another policy is named "${name}"`, remedy: 'rename one of them' }]
      : [],
  );
}

/** Policies that single batches of spans cannot decide. */
function statefulIn(policy: AnySettings, path: Path): ConfigFault[] {
  const { type, latency, span_count: count } = policy;
  const isStateful =
    type === 'rate_limiting' ||
    type === 'bytes_limiting' ||
    (type === 'latency' && (latency?.upper_threshold_ms ?? 0) > 0) ||
    (type === 'span_count' && (count?.max_spans ?? 0) > 0);
  if (!isStateful) return innerOf(policy, path).flatMap((each) => statefulIn(each.policy, each.path));
  const message = `the policy "${policy.name}" needs whole traces, which span-ingest does not wait for`;
  return [{ path, message, remedy: 'use sampling_strategy: trace-complete' }];
}
