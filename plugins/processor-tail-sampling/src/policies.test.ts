import { describe, expect, test } from 'vitest';
import { sampled, type TraceJson } from './testing/traces.ts';

const MS = 1_000_000n;
/** A span from and to these milliseconds after some moment. */
const lasting = (fromMs: number, toMs: number) => ({
  startTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(fromMs) * MS),
  endTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(toMs) * MS),
});
const one = (span: TraceJson['spans'][number]): TraceJson => ({ spans: [span] });
const having = (attributes: NonNullable<TraceJson['resource']>) => one({ attributes });
const policy = (type: string, settings?: string) =>
  `{ name: p, type: ${type}${settings === undefined ? '' : `, ${type}: ${settings}`} }`;

const sampledBy = (policies: string, traces: Readonly<Record<string, TraceJson>>) =>
  sampled(`policies: [${policies}]`, traces);

test('always_sample samples every trace', async () => {
  expect(await sampledBy(policy('always_sample'), { a: one({}), b: one({}) })).toEqual(['a', 'b']);
});

describe('latency', () => {
  const traces = {
    short: one(lasting(0, 100)),
    exact: one(lasting(0, 500)),
    longer: one(lasting(0, 501)),
    apart: { spans: [lasting(600, 700), lasting(0, 10), lasting(300, 310)] },
    long: one(lasting(0, 5_000)),
    fraction: one({ startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000000500999999' }),
    backwards: one(lasting(1_000, 0)),
    timeless: one({}),
  };

  test('samples what takes longer than the threshold, from the earliest start to the latest end', async () => {
    expect(await sampledBy(policy('latency', '{ threshold_ms: 500 }'), traces)).toEqual(['longer', 'apart', 'long']);
  });

  test('samples nothing above the upper threshold, which belongs to the range', async () => {
    expect(await sampledBy(policy('latency', '{ threshold_ms: 100, upper_threshold_ms: 500 }'), traces)).toEqual([
      'exact',
      'fraction',
    ]);
  });
});

describe('numeric_attribute', () => {
  const traces = {
    below: having({ n: 49 }),
    least: having({ n: 50 }),
    most: having({ n: 100 }),
    above: having({ n: 101 }),
    huge: having({ n: 9_223_372_036_854_775_807n }),
    negative: having({ n: -5 }),
    double: having({ n: { double: 75.5 } }),
    text: having({ n: '75' }),
    other: having({ m: 75 }),
    resource: { resource: { n: 60 }, spans: [{}] },
    second: { spans: [{ attributes: { n: 1 } }, { attributes: { n: 70 } }] },
  };

  test.each([
    ['{ key: n, min_value: 50, max_value: 100 }', ['least', 'most', 'double', 'resource', 'second']],
    ['{ key: n, min_value: 101 }', ['above', 'huge']],
    ['{ key: n, max_value: -1 }', ['negative']],
    [
      '{ key: n, min_value: 50, max_value: 100, invert_match: true }',
      ['below', 'above', 'huge', 'negative', 'text', 'other'],
    ],
  ])('%s samples %o', async (settings, yes) => {
    expect(await sampledBy(policy('numeric_attribute', settings), traces)).toEqual(yes);
  });
});

describe('boolean_attribute', () => {
  const traces = {
    yes: having({ b: true }),
    no: having({ b: false }),
    text: having({ b: 'true' }),
    none: having({}),
    resource: { resource: { b: true }, spans: [{ attributes: { b: false } }] },
  };

  test.each([
    ['{ key: b, value: true }', ['yes', 'resource']],
    ['{ key: b, value: false }', ['no', 'resource']],
    ['{ key: b }', ['no', 'resource']],
    ['{ key: b, value: true, invert_match: true }', ['no', 'text', 'none']],
  ])('%s samples %o', async (settings, yes) => {
    expect(await sampledBy(policy('boolean_attribute', settings), traces)).toEqual(yes);
  });
});

describe('string_attribute', () => {
  const traces = {
    a: having({ s: 'a' }),
    alpha: having({ s: 'alpha' }),
    beta: having({ s: 'beta' }),
    empty: having({ s: '' }),
    number: having({ s: 5 }),
    none: having({}),
    resource: { resource: { s: 'a' }, spans: [{}] },
    again: { spans: [{ attributes: { s: 'beta' } }, { attributes: { s: 'a' } }] },
  };

  test.each([
    ['{ key: s, values: [a, gamma] }', ['a', 'resource', 'again']],
    ['{ key: s, values: [""] }', []],
    ['{ key: s, values: ["^al", "^b"], enabled_regex_matching: true }', ['alpha', 'beta', 'again']],
    [
      '{ key: s, values: ["al*"], enabled_regex_matching: true, cache_max_size: 1 }',
      ['a', 'alpha', 'beta', 'resource', 'again'],
    ],
    ['{ key: s, values: [a], invert_match: true }', ['alpha', 'beta', 'empty', 'number', 'none']],
    ['{ key: s, values: ["a"], enabled_regex_matching: true, invert_match: true }', ['empty', 'number', 'none']],
  ])('%s samples %o', async (settings, yes) => {
    expect(await sampledBy(policy('string_attribute', settings), traces)).toEqual(yes);
  });
});

describe('status_code', () => {
  const traces = {
    unset: one({}),
    ok: one({ status: { code: 1 } }),
    error: one({ status: { code: 2 } }),
    late: { spans: [{}, { status: { code: 2 } }] },
  };

  test.each([
    ['{ status_codes: [ERROR] }', ['error', 'late']],
    ['{ status_codes: [OK, UNSET] }', ['unset', 'ok', 'late']],
  ])('%s samples %o', async (settings, yes) => {
    expect(await sampledBy(policy('status_code', settings), traces)).toEqual(yes);
  });
});

test('trace_flags samples what was sampled at its source', async () => {
  expect(
    await sampledBy(policy('trace_flags'), {
      none: one({}),
      remote: one({ flags: 0x300 }),
      sampled: one({ flags: 0x301 }),
      second: { spans: [{}, { flags: 1 }] },
    }),
  ).toEqual(['sampled', 'second']);
});

describe('trace_state', () => {
  const traces = {
    none: one({}),
    exact: one({ traceState: 'k=v1' }),
    among: one({ traceState: 'a@b=1 , k=v2' }),
    other: one({ traceState: 'k=v3,j=v1' }),
    broken: one({ traceState: 'k=v1,K=2' }),
    doubled: one({ traceState: 'k=v1,k=v1' }),
    crowded: one({ traceState: `k=v1,${Array.from({ length: 32 }, (_, i) => `a${i}=1`).join(',')}` }),
    full: one({ traceState: `k=v1,${Array.from({ length: 31 }, (_, i) => `a${i}=1`).join(',')}` }),
  };

  test.each([
    ['{ key: k, values: [v1, v2] }', ['exact', 'among', 'full']],
    ['{ key: j, values: [v1] }', ['other']],
    ['{ key: k, values: [""] }', []],
  ])('%s samples %o', async (settings, yes) => {
    expect(await sampledBy(policy('trace_state', settings), traces)).toEqual(yes);
  });
});

describe('span_count', () => {
  const traces = { one: one({}), two: { spans: [{}, {}] }, three: { spans: [{}, {}, {}] } };

  test.each([
    ['{ min_spans: 2 }', ['two', 'three']],
    ['{ max_spans: 2 }', ['one', 'two']],
    ['{ min_spans: 2, max_spans: 2 }', ['two']],
  ])('%s samples %o', async (settings, yes) => {
    expect(await sampledBy(policy('span_count', settings), traces)).toEqual(yes);
  });
});

describe('rates', () => {
  const traces = {
    two: { spans: [{}, {}] },
    five: { spans: [{}, {}, {}, {}, {}] },
    one: one({}),
    more: { spans: [{}, {}] },
  };

  test.each([
    [policy('rate_limiting', '{ spans_per_second: 2 }'), ['two', 'one']],
    [policy('rate_limiting', '{ spans_per_second: 1, burst_capacity: 5 }'), ['two', 'one', 'more']],
    [policy('rate_limiting', '{ spans_per_second: 0 }'), []],
    [policy('bytes_limiting', '{ bytes_per_second: 1000000 }'), ['two', 'five', 'one', 'more']],
    [policy('bytes_limiting', '{ bytes_per_second: 1, burst_capacity: 20 }'), []],
  ])('%s samples %o', async (text, yes) => {
    expect(await sampledBy(text, traces)).toEqual(yes);
  });
});

describe('ottl_condition', () => {
  const traces = {
    plain: one({ name: 'a' }),
    tagged: one({ name: 'b', attributes: { x: 'yes' } }),
    event: one({ name: 'c', events: [{ name: 'retry' }, { name: 'exception', attributes: { fatal: true } }] }),
    resource: { resource: { 'service.name': 'cart' }, spans: [{}] },
  };

  test.each([
    [`{ span: ['attributes["x"] == "yes"'] }`, ['tagged']],
    [`{ span: ['span.name == "a"', 'resource.attributes["service.name"] == "cart"'] }`, ['plain', 'resource']],
    [`{ spanevent: ['spanevent.attributes["fatal"] == true'] }`, ['event']],
    [`{ span: ['name == "b"'], spanevent: ['name == "retry"'] }`, ['tagged', 'event']],
    // "x" is a string or missing: an error for a number.
    [`{ error_mode: ignore, span: ['Substring(attributes["x"], 0, 1) == "y"', 'name == "a"'] }`, ['plain', 'tagged']],
    [`{ error_mode: propagate, span: ['Substring(attributes["x"], 0, 1) == "y"', 'name == "a"'] }`, ['tagged']],
  ])('%s samples %o', async (settings, yes) => {
    expect(await sampledBy(policy('ottl_condition', settings), traces)).toEqual(yes);
  });
});

describe('policies of policies', () => {
  const error = '{ name: error, type: status_code, status_code: { status_codes: [ERROR] } }';
  const cart = '{ name: cart, type: string_attribute, string_attribute: { key: service.name, values: [cart] } }';
  const notCart =
    '{ name: not-cart, type: string_attribute, string_attribute: { key: service.name, values: [cart], invert_match: true } }';
  const all = '{ name: all, type: always_sample }';
  const in_ = (service: string, code: number) => ({
    resource: { 'service.name': service },
    spans: [{ status: { code } }],
  });
  const traces = {
    cartError: in_('cart', 2),
    cart: in_('cart', 0),
    userError: in_('user', 2),
    user: in_('user', 0),
  };
  const and = (...policies: string[]) => `{ name: and, type: and, and: { and_sub_policy: [${policies.join()}] } }`;
  const drop = (...policies: string[]) => `{ name: drop, type: drop, drop: { drop_sub_policy: [${policies.join()}] } }`;
  const not = (inner: string) => `{ name: not, type: not, not: { not_sub_policy: ${inner} } }`;

  test.each([
    [and(error, cart), ['cartError']],
    [and(not(error), cart), ['cart']],
    [not(error), ['cart', 'user']],
    [`${all}, ${drop(cart, not(error))}`, ['cartError', 'userError', 'user']],
    [`${drop(cart)}, ${error}`, ['userError']],
    [`${error}, ${cart}`, ['cartError', 'cart', 'userError']],
    [drop(error), []],
  ])('%s samples %o', async (policies, yes) => {
    expect(await sampledBy(policies, traces)).toEqual(yes);
  });

  describe('with inverted decisions', () => {
    const outcome = (policies: string, inverts: boolean) =>
      sampled(`invert_decisions: ${inverts}, policies: [${policies}]`, traces);

    test('no match samples unless another policy does not sample; a match vetoes', async () => {
      expect(await outcome(`${notCart}, ${error}`, true)).toEqual(['userError']);
      expect(await outcome(notCart, true)).toEqual(['userError', 'user']);
      expect(await outcome(`${notCart}, ${all}`, true)).toEqual(['userError', 'user']);
    });

    test('without them they are plain ones', async () => {
      expect(await outcome(`${notCart}, ${error}`, false)).toEqual(['cartError', 'userError', 'user']);
      expect(await outcome(`${notCart}, ${all}`, false)).toEqual(['cartError', 'cart', 'userError', 'user']);
    });

    test('inside and, they count as plain ones, and under not they stay', async () => {
      expect(await outcome(and(notCart, error), true)).toEqual(['userError']);
      expect(await outcome(not(notCart), true)).toEqual(['userError', 'user']);
    });
  });

  describe('composite', () => {
    const composite = (settings: string) => `{ name: composite, type: composite, composite: { ${settings} } }`;
    const subs = `composite_sub_policy: [${all}, ${cart}, ${error}]`;

    test('asks in the order of policy_order, and in each its share of spans is the limit', async () => {
      expect(
        await sampledBy(
          composite(
            `max_total_spans_per_second: 4, policy_order: [cart, error, all], ${subs}, rate_allocation: [{ policy: cart, percent: 25 }, { policy: error, percent: 50 }, { policy: all, percent: 25 }]`,
          ),
          { ...traces, user2: in_('user', 0) },
        ),
      ).toEqual(['cartError', 'userError', 'user']);
    });

    test('policies without an allocation have an equal share', async () => {
      expect(await sampledBy(composite(`max_total_spans_per_second: 3, ${subs}`), traces)).toEqual(['cartError']);
    });
  });

  test('the first policy that samples may end the questioning', async () => {
    const limited = `{ name: limited, type: rate_limiting, rate_limiting: { spans_per_second: 1, burst_capacity: 1 } }`;
    const settings = (first: boolean) => `sample_on_first_match: ${first}, policies: [${cart}, ${limited}]`;
    // Only where traces of the cart leave the limiter alone is there room for another one.
    expect(await sampled(settings(true), traces)).toEqual(['cartError', 'cart', 'userError']);
    expect(await sampled(settings(false), traces)).toEqual(['cartError', 'cart']);
  });
});
