import { ByteWriter } from '@millrace/otlp';
import { describeConformance } from '@millrace/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { attributesOf, pointsOf, type Rig, rigOf, span, traces } from './testing/rig.ts';

const PLUGIN = new URL('./index.ts', import.meta.url);

describeConformance(PLUGIN);

let rig: Rig;

async function using(settings: string): Promise<void> {
  rig = await rigOf(settings);
}

afterEach(async () => {
  await (rig as Rig | undefined)?.stop();
});

describe('with the defaults', () => {
  beforeEach(() => using('{}'));

  test('calls and durations of a span, with the usual dimensions', async () => {
    await rig.send(
      traces([span({ name: 'GET /', kind: 2, ms: 7 }), span({ name: 'GET /', kind: 2, ms: 3, status: 2 })]),
    );
    await rig.flush();
    await rig.flush();
    const [request] = rig.requests.slice(-1);
    expect(request.resourceMetrics).toHaveLength(1);
    const { resource, scopeMetrics } = request.resourceMetrics[0];
    expect(attributesOf(resource)).toEqual({ 'service.name': 'shop' });
    expect(scopeMetrics[0].scope.name).toBe('spanmetricsconnector');
    expect(scopeMetrics[0].metrics.map(({ name, unit }) => [name, unit])).toEqual([
      ['traces.span.metrics.calls', undefined],
      ['traces.span.metrics.duration', 'ms'],
    ]);
    const calls = pointsOf(request, 'traces.span.metrics.calls');
    expect(calls.map(({ asInt, ...point }) => ({ asInt, ...attributesOf(point) }))).toEqual([
      expect.objectContaining({
        asInt: '1',
        'service.name': 'shop',
        'span.name': 'GET /',
        'span.kind': 'SPAN_KIND_SERVER',
        'status.code': 'STATUS_CODE_UNSET',
        'collector.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      }),
      expect.objectContaining({ asInt: '1', 'status.code': 'STATUS_CODE_ERROR' }),
    ]);
    const [duration] = pointsOf(request, 'traces.span.metrics.duration');
    expect(duration).toMatchObject({ count: '1', sum: 7 });
    expect(duration.explicitBounds).toEqual([
      2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000,
    ]);
    expect(duration.bucketCounts?.indexOf('1')).toBe(3);
  });

  test('a series begins with 0, then counts on; shutdown passes on what no flush had', async () => {
    const name = 'traces.span.metrics.calls';
    await rig.send(traces([span({}), span({})]));
    await rig.flush();
    await rig.send(traces([span({})]));
    await rig.flush();
    await rig.send(traces([span({}), span({ name: 'new' })]));
    await rig.stop();
    const values = rig.requests.map((request) => pointsOf(request, name).map(({ asInt }) => asInt));
    expect(values).toEqual([['0'], ['3'], ['4', '1']]);
    const starts = new Set(rig.requests.map((request) => pointsOf(request, name)[0].startTimeUnixNano));
    expect(starts.size).toBe(1);
  });

  test('what a first flush began with 0 is passed on at shutdown, though nothing came since', async () => {
    await rig.send(traces([span({}), span({})]));
    await rig.flush();
    await rig.stop();
    expect(rig.requests.map((request) => pointsOf(request, 'traces.span.metrics.calls')[0].asInt)).toEqual(['0', '2']);
  });

  test('without spans nothing is passed on; spans of a resource without service.name do not count', async () => {
    await rig.flush();
    await rig.send(traces([span({})], { resource: { 'host.name': 'a' } }));
    await rig.flush();
    await rig.stop();
    expect(rig.requests).toEqual([]);
  });

  test('a span that ends before it starts lasts 0', async () => {
    await rig.send(traces([span({ ms: -5 })]));
    await rig.flush();
    expect(pointsOf(rig.requests[0], 'traces.span.metrics.duration')[0]).toMatchObject({ count: '1', sum: 0 });
  });

  test('the same resource in another order of its attributes is the same', async () => {
    await rig.send(traces([span({})], { resource: { 'service.name': 'a', zone: '1' } }));
    await rig.send(traces([span({})], { resource: { zone: '1', 'service.name': 'a' } }));
    await rig.flush();
    expect(rig.requests[0].resourceMetrics).toHaveLength(1);
    expect(pointsOf(rig.requests[0], 'traces.span.metrics.duration')[0].count).toBe('2');
  });

  test('spans are acknowledged when they are counted; a flush that is not taken delays the next one only', async () => {
    rig.out.stall();
    await rig.send(traces([span({})]));
    await rig.flush();
    await rig.send(traces([span({})]));
    await rig.flush();
    expect(rig.out.calls).toBe(1);
    rig.out.resume();
    await rig.flush();
    const sums = rig.requests.map((request) => pointsOf(request, 'traces.span.metrics.calls')[0].asInt);
    expect(sums).toEqual(['0', '2']);
  });
});

describe('dimensions', () => {
  const only = 'exclude_dimensions: [service.name, span.kind, status.code, collector.instance.id]';

  test.each([
    ['dimensions: [{ name: route }]', { route: '/a' }, {}, { 'span.name': 's', route: '/a' }],
    ['dimensions: [{ name: route }]', {}, { route: '/r' }, { 'span.name': 's', route: '/r' }],
    ['dimensions: [{ name: route }]', { route: '/a' }, { route: '/r' }, { 'span.name': 's', route: '/a' }],
    ['dimensions: [{ name: route }]', {}, {}, { 'span.name': 's' }],
    ['dimensions: [{ name: route, default: none }]', {}, {}, { 'span.name': 's', route: 'none' }],
    ['dimensions: [{ name: code }]', { code: 200 }, {}, { 'span.name': 's', code: 200 }],
    ['calls_dimensions: [{ name: route }]', { route: '/a' }, {}, { 'span.name': 's', route: '/a' }],
    [
      'dimensions: [{ glob: "k8s.*.name" }]',
      { 'k8s.pod.name': 'p', 'k8s.a.b.name': 'x' },
      { 'k8s.node.name': 'n' },
      { 'span.name': 's', 'k8s.pod.name': 'p', 'k8s.node.name': 'n' },
    ],
    [
      'dimensions: [{ glob: "db.**" }]',
      { 'db.a.b': '1' },
      { 'db.a.b': '2', 'db.c': '3' },
      { 'span.name': 's', 'db.a.b': '1', 'db.c': '3' },
    ],
  ])('%s of span %j and resource %j', async (settings, attributes, resource, expected) => {
    await using(`{ ${only}, ${settings} }`);
    await rig.send(traces([span({ name: 's', attributes })], { resource: { 'service.name': 'shop', ...resource } }));
    await rig.flush();
    const [point] = pointsOf(rig.requests[0], 'traces.span.metrics.calls');
    expect(attributesOf(point)).toEqual(expected);
  });

  test('series differ by the values of the dimensions, and by no other attribute', async () => {
    await using('{ dimensions: [{ name: a }, { name: b }] }');
    const attributes = [{ a: 'x', b: 'y' }, { a: 'xy' }, { b: 'xy' }, { a: 'x', b: 'y', c: 'z' }, { a: 1 }, { a: '1' }];
    await rig.send(traces(attributes.map((each) => span({ attributes: each }))));
    await rig.stop();
    const calls = pointsOf(rig.requests[0], 'traces.span.metrics.calls');
    expect(calls.map(({ asInt }) => asInt)).toEqual(['2', '1', '1', '1', '1']);
  });

  test('of calls and of durations only', async () => {
    await using(`{ ${only}, calls_dimensions: [{ name: c }], histogram: { dimensions: [{ name: d }] } }`);
    await rig.send(traces([span({ attributes: { c: '1', d: '1' } }), span({ attributes: { c: '1', d: '2' } })]));
    await rig.stop();
    const of = (metric: string) => pointsOf(rig.requests[0], `traces.span.metrics.${metric}`).map(attributesOf);
    expect(of('calls')).toEqual([{ 'span.name': 'work', c: '1' }]);
    expect(of('duration')).toEqual([
      { 'span.name': 'work', d: '1' },
      { 'span.name': 'work', d: '2' },
    ]);
  });

  test('name and version of scopes that are included', async () => {
    await using(`{ ${only}, include_instrumentation_scope: [express] }`);
    await rig.send(traces([span({})], { scope: { name: 'express', version: '1.2' } }));
    await rig.send(traces([span({})], { scope: { name: 'other', version: '1.2' } }));
    await rig.stop();
    expect(pointsOf(rig.requests[0], 'traces.span.metrics.calls').map(attributesOf)).toEqual([
      {
        'span.name': 'work',
        'span.instrumentation.scope.name': 'express',
        'span.instrumentation.scope.version': '1.2',
      },
      { 'span.name': 'work' },
    ]);
  });

  test('service names are kept apart where key attributes join resources', async () => {
    await using('{ resource_metrics_key_attributes: [zone] }');
    await rig.send(traces([span({})], { resource: { 'service.name': 'a', zone: '1', pid: 1 } }));
    await rig.send(traces([span({})], { resource: { 'service.name': 'a', zone: '1', pid: 2 } }));
    await rig.send(traces([span({})], { resource: { 'service.name': 'b', zone: '1', pid: 3 } }));
    await rig.stop();
    expect(rig.requests[0].resourceMetrics).toHaveLength(1);
    expect(attributesOf(rig.requests[0].resourceMetrics[0].resource)).toMatchObject({ pid: 1 });
    expect(pointsOf(rig.requests[0], 'traces.span.metrics.calls').map(({ asInt }) => asInt)).toEqual(['2', '1']);
  });
});

test('fields of the wire may come in any order, and be split', async () => {
  await using('{ dimensions: [{ name: route }] }');
  const out = new ByteWriter();
  const inside = (field: number, write: () => void) => {
    const mark = out.openField(field);
    write();
    out.close(mark);
  };
  const reversed = (field: number, key: string, value: string) =>
    inside(field, () => {
      inside(2, () => out.stringField(1, value));
      out.stringField(1, key);
    });
  inside(1, () => {
    inside(2, () => {
      inside(2, () => {
        inside(15, () => out.uint32Field(3, 1));
        reversed(9, 'route', '/a');
        out.fixed64Field(8, 5_000_000);
        out.stringField(5, 'first');
        out.fixed64Field(7, 2_000_000);
        inside(15, () => out.uint32Field(3, 2));
        out.stringField(5, 'last');
      });
    });
    inside(1, () => reversed(1, 'service.name', 'shop'));
  });
  await rig.send(out.take());
  await rig.stop();
  const [point] = pointsOf(rig.requests[0], 'traces.span.metrics.calls');
  expect(attributesOf(point)).toMatchObject({
    'service.name': 'shop',
    'span.name': 'last',
    'status.code': 'STATUS_CODE_ERROR',
    route: '/a',
  });
  expect(pointsOf(rig.requests[0], 'traces.span.metrics.duration')[0].sum).toBe(3);
});

test('spans that come from workers, in shared memory', async () => {
  rig = await rigOf('{ dimensions: [{ name: route }, { glob: "a.*" }], exemplars: { enabled: true } }', 1);
  const attributes = { route: '/ä', 'a.b': 'c' };
  await rig.send(traces([span({ attributes, traceState: 'ot=th:8' })], { resource: { 'service.name': 'läden' } }));
  await rig.stop();
  const [point] = pointsOf(rig.requests[0], 'traces.span.metrics.calls');
  expect(attributesOf(point)).toMatchObject({ 'service.name': 'läden', route: '/ä', 'a.b': 'c' });
  expect(point).toMatchObject({ asInt: '2', exemplars: [{ traceId: '0123456789abcdef0123456789abcdef' }] });
});

test('events count by their own attributes, which the resource gives way to', async () => {
  await using('{ events: { enabled: true, dimensions: [{ name: exception.type }] }, namespace: "" }');
  const events = [{ 'exception.type': 'E1' }, { 'exception.type': 'E2' }, { 'exception.type': 'E1' }, {}];
  const resource = { 'service.name': 'shop', 'exception.type': 'resource' };
  await rig.send(traces([span({ events })], { resource }));
  await rig.stop();
  const points = pointsOf(rig.requests[0], 'events');
  expect(points.map((point) => [attributesOf(point)['exception.type'], point.asInt])).toEqual([
    ['E1', '2'],
    ['E2', '1'],
    ['resource', '1'],
  ]);
});

describe('delta temporality', () => {
  beforeEach(() => using('{ aggregation_temporality: AGGREGATION_TEMPORALITY_DELTA }'));

  test('points hold what came since the last one, and begin where it ended', async () => {
    await rig.send(traces([span({}), span({})]));
    await rig.flush();
    await rig.send(traces([span({})]));
    await rig.flush();
    await rig.flush();
    const points = rig.requests.flatMap((request) => pointsOf(request, 'traces.span.metrics.calls'));
    expect(points.map(({ asInt }) => asInt)).toEqual(['2', '1']);
    expect(points[1].startTimeUnixNano).toBe(points[0].timeUnixNano);
    const [, sum] = rig.requests.map((request) => request.resourceMetrics[0].scopeMetrics[0].metrics[0].sum);
    expect(sum).toMatchObject({ aggregationTemporality: 1, isMonotonic: true });
  });

  test('what a stalled destination keeps back leaves later, once', async () => {
    await rig.send(traces([span({})]));
    rig.out.stall();
    await rig.flush();
    await rig.send(traces([span({}), span({})]));
    await rig.flush();
    rig.out.resume();
    await rig.flush();
    const points = rig.requests.flatMap((request) => pointsOf(request, 'traces.span.metrics.calls'));
    expect(points.map(({ asInt }) => asInt)).toEqual(['1', '2']);
  });
});

describe('histograms', () => {
  test('in seconds, with given bounds; a value that equals a bound is below it', async () => {
    await using('{ histogram: { unit: s, explicit: { buckets: [100us, 5ms, 1s] } } }');
    await rig.send(traces([5, 6, 1000, 1001, 0.1].map((ms) => span({ ms }))));
    await rig.stop();
    const [point] = pointsOf(rig.requests[0], 'traces.span.metrics.duration');
    expect(point.explicitBounds).toEqual([0.0001, 0.005, 1]);
    expect(point.bucketCounts).toEqual(['1', '1', '2', '1']);
    expect(point.sum).toBeCloseTo(2.0121, 12);
  });

  test('exponential', async () => {
    await using('{ histogram: { exponential: { max_size: 4 } } }');
    await rig.send(traces([0, 1, 2, 4, 8].map((ms) => span({ ms }))));
    await rig.stop();
    const [point] = pointsOf(rig.requests[0], 'traces.span.metrics.duration');
    expect(point).toMatchObject({ count: '5', zeroCount: '1', min: 0, max: 8, sum: 15 });
    expect(point.scale).toBeUndefined();
    expect(point.positive).toEqual({ offset: -1, bucketCounts: ['1', '1', '1', '1'] });
  });

  test('can be disabled', async () => {
    await using('{ histogram: { disable: true } }');
    await rig.send(traces([span({})]));
    await rig.stop();
    expect(rig.requests[0].resourceMetrics[0].scopeMetrics[0].metrics.map(({ name }) => name)).toEqual([
      'traces.span.metrics.calls',
    ]);
  });
});

test('exemplars are the first spans of each interval, none without a trace', async () => {
  await using('{ exemplars: { enabled: true, max_per_data_point: 2 } }');
  const traceId = (digit: number) => String(digit).repeat(32);
  await rig.send(traces([span({ traceId: '' }), ...[1, 2, 3].map((id) => span({ traceId: traceId(id), ms: id }))]));
  await rig.flush();
  await rig.send(traces([span({ traceId: traceId(4), ms: 4 })]));
  await rig.flush();
  const ids = (metric: string) =>
    rig.requests.map((request) =>
      pointsOf(request, `traces.span.metrics.${metric}`)[0].exemplars?.map((each) => [each.traceId, each.asDouble]),
    );
  expect(ids('duration')).toEqual([
    [
      [traceId(1), 1],
      [traceId(2), 2],
    ],
    [[traceId(4), 4]],
  ]);
  expect(ids('calls')).toEqual(ids('duration'));
});

describe('bounds', () => {
  test('series beyond the limit of a metric go into one that says so', async () => {
    await using('{ aggregation_cardinality_limit: 2 }');
    await rig.send(traces(['a', 'b', 'c', 'd', 'a', 'c'].map((name) => span({ name }))));
    await rig.stop();
    const points = pointsOf(rig.requests[0], 'traces.span.metrics.calls');
    expect(points.map((point) => [attributesOf(point)['span.name'], point.asInt])).toEqual([
      ['a', '2'],
      ['b', '1'],
      [undefined, '3'],
    ]);
    expect(attributesOf(points[2])).toEqual({ 'otel.metric.overflow': true });
    expect(pointsOf(rig.requests[0], 'traces.span.metrics.duration')[2].count).toBe('3');
  });

  test('series_limit holds for all resources together', async () => {
    await using('{ series_limit: 3 }');
    for (const service of ['a', 'b']) {
      const spans = ['1', '2', '3'].map((name) => span({ name }));
      await rig.send(traces(spans, { resource: { 'service.name': service } }));
    }
    await rig.stop();
    const points = pointsOf(rig.requests[0], 'traces.span.metrics.calls');
    expect(points.map(({ asInt }) => asInt)).toEqual(['1', '1', '1', '3']);
  });

  test('the resource that was not seen for longest makes room, after its metrics have left', async () => {
    await using('{ resource_metrics_cache_size: 1 }');
    for (const service of ['a', 'b']) await rig.send(traces([span({})], { resource: { 'service.name': service } }));
    await rig.flush();
    await rig.flush();
    const services = rig.requests.map(({ resourceMetrics }) =>
      resourceMetrics.map(({ resource }) => attributesOf(resource)['service.name']),
    );
    expect(services).toEqual([['a', 'b'], ['b']]);
    expect(pointsOf(rig.requests[0], 'traces.span.metrics.calls').map(({ asInt }) => asInt)).toEqual(['1', '0']);
  });

  test.each(['metrics_expiration', 'series_expiration'])('%s waits for sums that began with 0', async (key) => {
    await using(`{ ${key}: 30s }`);
    await rig.send(traces([span({})]));
    for (let minute = 0; minute < 4; minute++) await rig.flush();
    const sums = rig.requests.map((request) =>
      pointsOf(request, 'traces.span.metrics.calls').map(({ asInt }) => asInt),
    );
    expect(sums).toEqual([['0'], ['1']]);
  });

  test('metrics_expiration forgets resources, series_expiration series', async () => {
    await using('{ metrics_expiration: 3m, series_expiration: 2m }');
    await rig.send(traces([span({ name: 'once' }), span({ name: 'again' })]));
    await rig.flush();
    await rig.send(traces([span({ name: 'again' })]));
    for (let minute = 0; minute < 5; minute++) await rig.flush();
    const names = rig.requests.map((request) =>
      pointsOf(request, 'traces.span.metrics.calls').map((point) => attributesOf(point)['span.name']),
    );
    expect(names).toEqual([['once', 'again'], ['once', 'again'], ['again']]);
  });
});

test('spans that stand for others count as often, and say so where asked', async () => {
  await using('{ enable_metrics_sampling_method: true }');
  await rig.send(traces([span({ traceState: 'ot=th:c' }), span({ traceState: 'a=b' }), span({})]));
  await rig.stop();
  const points = pointsOf(rig.requests[0], 'traces.span.metrics.calls');
  expect(points.map((point) => [attributesOf(point)['sampling.method'], point.asInt])).toEqual([
    ['extrapolated', '4'],
    ['counted', '2'],
  ]);
  expect(pointsOf(rig.requests[0], 'traces.span.metrics.duration')[0]).toMatchObject({ count: '4', sum: 4 });
});

test.each([
  ['{ dimensions: [{ name: span.name }] }', '"span.name" is a dimension already'],
  ['{ dimensions: [{}] }', 'either name or glob'],
  ['{ dimensions: [{ glob: "a.*", default: x }] }', 'a glob has no default'],
  ['{ dimensions: [{ name: a.b }, { glob: "a.*" }] }', 'matches "a.b"'],
  ['{ events: { enabled: true } }', 'must not be empty'],
  ['{ histogram: { explicit: {}, exponential: {} } }', 'both explicit and exponential'],
  ['{ histogram: { explicit: { buckets: [2ms, 1ms] } } }', 'must ascend'],
  ['{ metrics_flush_interval: 0s }', 'must be positive'],
  ['{ aggregation_temporality: delta }', 'aggregation_temporality'],
])('%s is refused', async (settings, message) => {
  await expect(rigOf(settings)).rejects.toThrow(message);
  await using('{}');
});
