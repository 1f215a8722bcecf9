import { type DeliveryError, permanent, retryable } from '@millrace/api';
import { describe, expect, test } from 'vitest';
import {
  collectorWith,
  keyValues,
  type LimiterHost,
  limiterWith,
  logsOf,
  passedBy,
  record,
  records,
  send,
} from './testing/limiter-rig.ts';

const bodiesOf = (host: LimiterHost) => passedBy(host).bodies;
const counts = (host: LimiterHost, name: string) =>
  host.recordedTelemetry.sum(new RegExp(`processor_rate_limit_${name}$`));
const dropped = (host: LimiterHost, reason: string) =>
  host.recordedTelemetry.value(`processor_rate_limit_dropped_items{processor="rate_limit",reason="${reason}"}`);

describe('within the limit', () => {
  test('batches pass as they are', async () => {
    const rig = limiterWith({ limit: 10, burst: 20, key: { resource_attributes: ['service.name'] } });
    expect(await send(rig, logsOf({ a: records(20), b: records(20, 20) }))).toBe('accepted');
    expect(bodiesOf(rig.host)).toHaveLength(40);
    expect([rig.host.made, counts(rig.host, 'dropped_items')]).toEqual([0, 0]);
  });

  test('the burst is the limit of a second, and at least one item', async () => {
    const rig = limiterWith({ limit: 0.5 });
    await send(rig, logsOf({ a: records(2) }));
    expect(bodiesOf(rig.host)).toEqual(['0']);
    await rig.host.manualClock.advance(2_000);
    await send(rig, logsOf({ a: records(1, 5) }));
    expect(bodiesOf(rig.host)).toEqual(['0', '5']);
  });
});

describe('beyond the limit', () => {
  test('items are dropped from the end, and counted', async () => {
    const rig = limiterWith({ limit: 10, burst: 3 });
    expect(await send(rig, logsOf({ a: records(2), b: records(3, 2) }))).toBe('accepted');
    expect(bodiesOf(rig.host)).toEqual(['0', '1', '2']);
    expect(dropped(rig.host, 'limit')).toBe(2);
    await rig.host.manualClock.advance(200);
    await send(rig, logsOf({ a: records(9, 10) }));
    expect(bodiesOf(rig.host)).toEqual(['0', '1', '2', '10', '11']);
  });

  test('a batch of which nothing is left is accepted', async () => {
    const rig = limiterWith({ limit: 1, burst: 1 });
    await send(rig, logsOf({ a: records(1) }));
    expect(await send(rig, logsOf({ a: records(4) }))).toBe('accepted');
    expect([rig.host.passed.length, dropped(rig.host, 'limit')]).toEqual([1, 4]);
    expect(rig.host.ledger.leaks).toEqual([]);
  });

  test('requests are refused as a whole, and use up nothing', async () => {
    const rig = limiterWith({
      limit: 10,
      burst: 10,
      excess: 'refuse',
      key: { resource_attributes: ['service.name'] },
    });
    await send(rig, logsOf({ a: records(8) }));
    const request = logsOf({ b: records(5), a: records(4) });
    for (let attempt = 0; attempt < 3; attempt++) {
      const refusal = await send(rig, request);
      expect(refusal).toMatchObject({ retryable: true, code: 'RESOURCE_EXHAUSTED', retryAfterMs: 200 });
    }
    expect(bodiesOf(rig.host)).toHaveLength(8);
    expect(counts(rig.host, 'refused_items')).toBe(27);
    await rig.host.manualClock.advance(200);
    expect(await send(rig, request)).toBe('accepted');
    // b had all of its burst, although it was asked for four times.
    expect(await send(rig, logsOf({ b: records(5) }))).toBe('accepted');
    expect(rig.host.ledger.leaks).toEqual([]);
  });

  test('a request larger than the burst is told when it will pass, and does', async () => {
    const rig = limiterWith({ limit: 10, burst: 5, excess: 'refuse' });
    await send(rig, logsOf({ a: records(1) }));
    const refusal = (await send(rig, logsOf({ a: records(20) }))) as DeliveryError;
    expect(refusal.retryAfterMs).toBe(100);
    await rig.host.manualClock.advance(100);
    expect(await send(rig, logsOf({ a: records(20) }))).toBe('accepted');
    expect(await send(rig, logsOf({ a: records(1) }))).toMatchObject({ retryAfterMs: 1_600 });
  });

  test.each([
    [0.1, 10, ['0', '1', '11', '21', '31', '41', '51', '61', '71', '81', '91', '101']],
    [0.5, 2, undefined],
    [0.4, 2.5, undefined],
    [1, 1, undefined],
  ])('a share of %d is kept, and stands for %d', async (ratio, stands, bodies) => {
    const rig = limiterWith({ limit: 1, burst: 2, excess: 'sample', sample: { ratio } });
    for (let from = 0; from < 102; from += 17) await send(rig, logsOf({ a: records(17, from) }));
    const { bodies: kept, added } = passedBy(rig.host);
    expect(new Set(Object.values(added).map(Number))).toEqual(new Set([stands]));
    // Those within the limit stand for themselves; together they stand for all.
    const standing = kept.reduce((sum, body) => sum + Number(added[body] ?? 1), 0);
    expect(Math.abs(standing - 102)).toBeLessThan(stands);
    expect(counts(rig.host, 'sampled_items')).toBe(kept.length - 2);
    expect(counts(rig.host, 'dropped_items')).toBe(102 - kept.length);
    if (bodies !== undefined) expect(kept).toEqual(bodies);
  });

  test('all items pass, and the rest is marked', async () => {
    const rig = limiterWith({ limit: 1, burst: 2, excess: 'tag', tag: { attribute: 'rate_limit.over' } });
    await send(rig, logsOf({ a: records(4) }));
    expect(passedBy(rig.host)).toEqual({ bodies: ['0', '1', '2', '3'], added: { 2: true, 3: true } });
    expect([counts(rig.host, 'tagged_items'), counts(rig.host, 'dropped_items')]).toEqual([2, 0]);
  });
});

describe('keys', () => {
  const request = logsOf({
    a: [record('a1', { user: 'x' }), record('a2', { user: 'y' }), record('a3', { user: 'x' }), record('a4')],
    b: [record('b1', { user: 'x' }), record('b2')],
  });
  test.each([
    ['nothing', {}, ['a1']],
    ['the resource', { resource_attributes: ['service.name'] }, ['a1', 'b1']],
    ['the item', { attributes: ['user'] }, ['a1', 'a2', 'a4']],
    ['both', { resource_attributes: ['service.name'], attributes: ['user'] }, ['a1', 'a2', 'a4', 'b1', 'b2']],
    ['an expression of the item', { expressions: ['Substring(log.body, 0, 1)'] }, ['a1', 'b1']],
    ['an expression of the resource', { expressions: ['resource.attributes["service.name"]'] }, ['a1', 'b1']],
    ['an expression that fails for some', { expressions: ['ToUpperCase(log.attributes["user"])'] }, ['a1', 'a2', 'a4']],
    ['an attribute that nobody has', { attributes: ['none'] }, ['a1']],
  ])('by %s', async (_, key, passed) => {
    const rig = limiterWith({ limit: 1, burst: 1, key });
    await send(rig, request);
    expect(bodiesOf(rig.host)).toEqual(passed);
  });

  test.each([
    ['the address', { client_address: true }, [{ address: '10.0.0.1' }, { address: '10.0.0.2' }, {}]],
    [
      'metadata',
      { metadata: ['X-Tenant'] },
      [{ metadata: { 'x-tenant': ['a'] } }, { metadata: { 'x-tenant': ['a', 'b'] } }, undefined],
    ],
    [
      'both',
      { client_address: true, metadata: ['x'] },
      [{ address: 'a' }, { address: 'a', metadata: { x: ['1'] } }, { metadata: { x: ['1'] } }],
    ],
    [
      'an expression',
      { expressions: ['otelcol.client.addr'] },
      [{ address: '10.0.0.1' }, { address: '10.0.0.2' }, undefined],
    ],
  ])("by the sender's %s", async (_, key, senders) => {
    const rig = limiterWith({ limit: 1, burst: 1, key, excess: 'refuse' });
    for (const sender of senders) expect(await send(rig, logsOf({ a: records(1) }), sender)).toBe('accepted');
    for (const sender of senders)
      expect(await send(rig, logsOf({ a: records(1) }), sender)).toMatchObject({ retryable: true });
  });

  test('that run together differently are different', async () => {
    const rig = limiterWith({ limit: 1, burst: 1, key: { attributes: ['p', 'q'] } });
    const pairs = [{ p: 'a', q: 'bc' }, { p: 'ab', q: 'c' }, { p: 'abc' }, { q: 'abc' }, { p: 'abc', q: '' }];
    await send(rig, logsOf({ a: pairs.map((pair, index) => record(`${index}`, pair)) }));
    expect(bodiesOf(rig.host)).toHaveLength(5);
  });

  test('are bounded: further ones share a limit', async () => {
    const rig = limiterWith({ limit: 1, burst: 2, max_keys: 2, key: { attributes: ['user'] } });
    const users = ['a', 'b', 'c', 'd', 'e', 'a'].map((user, index) => record(`${user}${index}`, { user }));
    await send(rig, logsOf({ s: users }));
    expect(bodiesOf(rig.host)).toEqual(['a0', 'b1', 'c2', 'd3', 'a5']);
    expect([dropped(rig.host, 'limit'), dropped(rig.host, 'overflow')]).toEqual([0, 1]);
    expect(rig.host.recordedTelemetry.value('processor_rate_limit_keys{processor="rate_limit"}')).toBe(2);
  });
});

test('bytes are those of the items themselves', async () => {
  const long = record('x'.repeat(1_000));
  const rig = limiterWith({ limit: 100, burst: 2_100, unit: 'bytes' });
  // A little more than 1,000 bytes each: two fit, and so does the small one.
  await send(rig, logsOf({ a: [long, long, long, record('y')] }));
  expect(bodiesOf(rig.host).map((body) => body[0])).toEqual(['x', 'x', 'y']);
});

describe('what has to be sent again counts once', () => {
  test.each([
    ['for now', retryable('busy'), 4],
    ['for good', permanent('bad'), 0],
  ])('where it is refused %s', async (_, error, passing) => {
    const rig = limiterWith({ limit: 1, burst: 4 });
    rig.host.answer = () => Promise.reject(error);
    expect(await send(rig, logsOf({ a: records(4) }))).toBe(error);
    rig.host.answer = () => Promise.resolve();
    await send(rig, logsOf({ a: records(4) }));
    expect(bodiesOf(rig.host)).toHaveLength(passing);
  });

  test('and so does what was dropped of it', async () => {
    const rig = limiterWith({ limit: 1, burst: 3 });
    rig.host.answer = () => Promise.reject(retryable('busy'));
    for (let attempt = 0; attempt < 3; attempt++) await send(rig, logsOf({ a: records(5) }));
    expect(dropped(rig.host, 'limit')).toBe(0);
    rig.host.answer = () => Promise.resolve();
    await send(rig, logsOf({ a: records(5) }));
    expect([bodiesOf(rig.host), dropped(rig.host, 'limit')]).toEqual([['0', '1', '2'], 2]);
    expect(rig.host.ledger.leaks).toEqual([]);
  });

  test('where there is no memory for what is left', async () => {
    const rig = limiterWith({ limit: 1, burst: 3 });
    rig.host.beforeMaking = () => {
      throw retryable('no memory');
    };
    expect(await send(rig, logsOf({ a: records(5) }))).toMatchObject({ message: 'no memory' });
    rig.host.beforeMaking = () => undefined;
    await send(rig, logsOf({ a: records(5) }));
    expect(bodiesOf(rig.host)).toHaveLength(3);
    expect(rig.host.ledger.leaks).toEqual([]);
  });
});

describe('other signals', () => {
  const points = (...ids: number[]) =>
    ids.map((id) => ({ timeUnixNano: '1', asInt: `${id}`, attributes: keyValues({ id: `${id}` }) }));
  const metrics = {
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              { name: 'first', gauge: { dataPoints: points(1, 2) } },
              { name: 'none', gauge: {} },
              { name: 'second', sum: { dataPoints: points(3, 4), aggregationTemporality: 2 } },
              { name: 'third', gauge: { dataPoints: points(5) } },
            ],
          },
        ],
      },
    ],
  };
  const namesIn = (host: LimiterHost) =>
    [...JSON.stringify(host.requests).matchAll(/"name":"(\w+)"/g)].map(([, name]) => name);
  const idsIn = (host: LimiterHost) =>
    [...JSON.stringify(host.requests).matchAll(/"asInt":"(\d)"/g)].map(([, id]) => Number(id));

  test('metrics lose data points, and go with their last', async () => {
    const rig = limiterWith({ limit: 1, burst: 3 }, 'metrics');
    await send(rig, metrics);
    expect([idsIn(rig.host), namesIn(rig.host)]).toEqual([
      [1, 2, 3],
      ['first', 'none', 'second'],
    ]);
    expect(dropped(rig.host, 'limit')).toBe(2);
  });

  test('metrics have keys of their own', async () => {
    const rig = limiterWith({ limit: 1, burst: 1, key: { expressions: ['metric.name'] } }, 'metrics');
    await send(rig, metrics);
    expect(idsIn(rig.host)).toEqual([1, 3, 5]);
  });

  test('spans are limited and marked', async () => {
    const rig = limiterWith({ limit: 1, burst: 1, excess: 'tag', key: { expressions: ['span.kind'] } }, 'traces');
    const spans = [1, 2, 2, 1].map((kind, index) => ({ name: `s${index}`, kind }));
    await send(rig, { resourceSpans: [{ scopeSpans: [{ spans }] }] });
    expect(namesIn(rig.host)).toEqual(['s0', 's1', 's2', 's3']);
    expect(JSON.stringify(rig.host.requests).split('rate_limit.exceeded').length - 1).toBe(2);
  });
});

describe('settings', () => {
  test.each([
    ['no limit', {}, /limit/],
    ['a limit of nothing', { limit: 0 }, /limit/],
    ['a burst in which nothing fits', { limit: 1, burst: 0.5 }, /not one item/],
    ['no keys', { limit: 1, max_keys: 0 }, /max_keys/],
    ['another end', { limit: 1, excess: 'delay' }, /excess/],
    ['a share of nothing', { limit: 1, sample: { ratio: 0 } }, /ratio/],
    ['an expression that is none', { limit: 1, key: { expressions: ['Concat('] } }, /expressions/],
    ['an expression that nothing has', { limit: 1, key: { expressions: ['log.no_such'] } }, /expressions/],
  ])('%s is refused', async (_, settings, message) => {
    await expect(collectorWith(settings)).rejects.toThrow(message);
  });

  test('an expression that the signal does not have is refused when the pipeline is made', () => {
    const settings = { limit: 1, key: { expressions: ['span.name'] } };
    expect(() => limiterWith(settings, 'logs')).toThrow(/cannot be used for logs/);
    expect(() => limiterWith(settings, 'traces')).not.toThrow();
  });
});
