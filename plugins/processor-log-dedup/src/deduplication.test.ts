import { type DeliveryError, permanent, retryable, type StatefulProcessor } from '@millrace/api';
import { afterEach, describe, expect, test } from 'vitest';
import type { DedupSettings } from './dedup-settings.ts';
import definition from './index.ts';
import { DedupHost } from './testing/dedup-host.ts';

const NOW_MS = Date.UTC(2024, 9, 4, 19, 21, 48);
const DEFAULTS: DedupSettings = {
  interval: 10_000,
  log_count_attribute: 'log_count',
  timezone: 'UTC',
  conditions: [],
  include_fields: [],
  exclude_fields: [],
  metadata_keys: [],
  metadata_cardinality_limit: 0,
  max_acknowledge_delay: 5_000,
  max_held_bytes: 1_000_000,
};

let host: DedupHost;
let processor: StatefulProcessor;

async function start(settings: Partial<DedupSettings> = {}, guarantee: 'memory' | 'safe' = 'memory'): Promise<void> {
  host = new DedupHost(guarantee);
  await host.manualClock.advance(NOW_MS - host.clock.now());
  processor = definition.stateful!.create({ ...DEFAULTS, ...settings }, host);
  await processor.start?.();
}

afterEach(async () => {
  await processor.shutdown();
  expect(host.ledger.faults).toEqual([]);
  expect(host.ledger.leaks).toEqual([]);
  expect(host.manualClock.pending).toBe(0);
  expect(processor.heldItems).toBe(0);
});

const nano = (ms: number) => String(BigInt(ms) * 1_000_000n);
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const int = (key: string, value: number) => ({ key, value: { intValue: String(value) } });
const map = (key: string, ...values: object[]) => ({ key, value: { kvlistValue: { values } } });
const record = (body: string, ...attributes: object[]) => ({
  timeUnixNano: '1',
  body: { stringValue: body },
  attributes,
});

/** Gives it a batch, and notes the answer. */
function give(...args: Parameters<DedupHost['batchFrom']>) {
  const given: { state: 'waiting' | 'accepted' | DeliveryError } = { state: 'waiting' };
  processor.consume(host.batchFrom(...args)).then(
    () => (given.state = 'accepted'),
    (error: unknown) => (given.state = error as DeliveryError),
  );
  return given;
}

/** `body×count` of what was taken. */
function summary(): string[] {
  const typed = host.take() as {
    body?: { stringValue?: string };
    attributes?: { key: string; value: { intValue?: string } }[];
  }[];
  return typed.map(({ body, attributes = [] }) => {
    const count = attributes.find(({ key }) => key === 'log_count')?.value.intValue;
    return `${body?.stringValue ?? ''}${count === undefined ? '' : `×${count}`}`;
  });
}

describe('equal records', () => {
  test('go on as one at the end of the interval, with their number and times', async () => {
    await start();
    give([record('a', text('k', 'v'))]);
    await host.manualClock.advance(5_000);
    give([record('a', text('k', 'v'))]);
    await host.manualClock.advance(4_999);
    expect(host.take()).toEqual([]);
    await host.manualClock.advance(1);
    expect(host.take()).toEqual([
      {
        timeUnixNano: nano(NOW_MS + 10_000),
        observedTimeUnixNano: nano(NOW_MS),
        body: { stringValue: 'a' },
        attributes: [
          text('k', 'v'),
          int('log_count', 2),
          text('first_observed_timestamp', '2024-10-04T19:21:48Z'),
          text('last_observed_timestamp', '2024-10-04T19:21:53Z'),
        ],
      },
    ]);
    expect(host.recordedTelemetry.recorded('dedup_processor_aggregated_logs{processor="log_dedup"}')).toEqual([2]);
  });

  test('of the next interval are counted anew', async () => {
    await start();
    give([record('a'), record('a')]);
    await host.manualClock.advance(10_000);
    give([record('a')]);
    await host.manualClock.advance(10_000);
    expect(summary()).toEqual(['a×2', 'a×1']);
  });

  test.each<readonly [string, object, object, boolean]>([
    [
      'whatever their time and ids',
      { ...record('a'), traceId: '01'.repeat(16) },
      { ...record('a'), timeUnixNano: '9' },
      true,
    ],
    ['in any order of attributes', record('a', int('x', 1), int('y', 2)), record('a', int('y', 2), int('x', 1)), true],
    ['not with another body', record('a'), record('b'), false],
    ['not with another attribute', record('a', int('x', 1)), record('a', int('x', 2)), false],
    ['not with a value of another type', record('a', int('x', 1)), record('a', text('x', '1')), false],
    ['not with another severity', { ...record('a'), severityNumber: 9 }, { ...record('a'), severityNumber: 10 }, false],
    ['not with another severity text', { ...record('a'), severityText: 'I' }, record('a'), false],
  ])('are equal %s', async (_, first, second, equal) => {
    await start();
    give([first, second]);
    await host.manualClock.advance(10_000);
    expect(summary()).toHaveLength(equal ? 1 : 2);
  });

  test('of other resources and scopes are others; those of one come together', async () => {
    await start();
    give([record('a')], undefined, { attributes: [text('r', '1')] });
    give([record('a')], undefined, { attributes: [text('r', '2')] });
    give([record('a'), record('b')], undefined, { attributes: [text('r', '1')] });
    await host.manualClock.advance(10_000);
    const [request] = host.requests;
    expect(request?.resourceLogs.map(({ resource }) => resource)).toMatchObject([
      { attributes: [text('r', '1')] },
      { attributes: [text('r', '2')] },
    ]);
    expect(summary()).toEqual(['a×2', 'b×1', 'a×1']);
  });
});

test('the attribute and the time zone are as configured', async () => {
  await start({ log_count_attribute: 'n', timezone: 'America/Los_Angeles' });
  give([record('a')]);
  await host.manualClock.advance(10_000);
  expect(host.take()).toMatchObject([
    {
      attributes: [
        int('n', 1),
        text('first_observed_timestamp', '2024-10-04T12:21:48-07:00'),
        text('last_observed_timestamp', '2024-10-04T12:21:48-07:00'),
      ],
    },
  ]);
});

describe('with exclude_fields', () => {
  test('fields are removed, nested ones and those in the body, too; types stay', async () => {
    await start({ exclude_fields: ['attributes.host\\.name', 'attributes.src.ip', 'body.at', 'attributes.missing.x'] });
    const one = (ip: string, at: number) => ({
      body: { kvlistValue: { values: [int('at', at), { key: 'd', value: { doubleValue: 1 } }] } },
      attributes: [text('host.name', ip), map('src', text('ip', ip), int('port', 1))],
    });
    give([one('10.0.0.1', 1), one('10.0.0.2', 2)]);
    await host.manualClock.advance(10_000);
    expect(host.take()).toMatchObject([
      {
        body: { kvlistValue: { values: [{ key: 'd', value: { doubleValue: 1 } }] } },
        attributes: [map('src', int('port', 1)), int('log_count', 2), {}, {}],
      },
    ]);
  });

  test('all attributes can be removed', async () => {
    await start({ exclude_fields: ['attributes'] });
    give([record('a', int('x', 1)), record('a', int('x', 2))]);
    await host.manualClock.advance(10_000);
    expect(summary()).toEqual(['a×2']);
  });
});

describe('with include_fields', () => {
  test('records are equal by these alone, as texts, and stay as they are', async () => {
    await start({ include_fields: ['attributes.id', 'attributes.sub.id'] });
    give([
      record('a', int('id', 1), map('sub', int('id', 7))),
      record('b', text('id', '1'), map('sub', text('id', '7'), int('x', 1))),
      record('c', int('id', 1)),
    ]);
    await host.manualClock.advance(10_000);
    expect(summary()).toEqual(['a×2', 'c×1']);
  });

  test('records that have none of them are compared as a whole', async () => {
    await start({ include_fields: ['attributes.id', 'body.id'] });
    give([record('a'), record('a'), record('b')]);
    await host.manualClock.advance(10_000);
    expect(summary()).toEqual(['a×2', 'b×1']);
  });
});

describe('with conditions', () => {
  const conditions = ['log.attributes["ID"] == 1', 'resource.attributes["service.name"] == "noisy"'];

  test('others are passed on at once, as they are', async () => {
    await start({ conditions });
    const given = give([record('a', int('ID', 1)), record('b', int('ID', 2)), record('a', int('ID', 1))]);
    await host.manualClock.settle();
    expect(given.state).toBe('accepted');
    expect(host.take()).toEqual([record('b', int('ID', 2))]);
    give([record('c')], undefined, { attributes: [text('service.name', 'noisy')] });
    await host.manualClock.advance(10_000);
    expect(summary()).toEqual(['a×2', 'c×1']);
  });

  test('that fail, records pass, and it is said', async () => {
    await start({ conditions: ['Substring(attributes["k"], 0, 1) == "v"'] });
    give([record('a'), record('b', text('k', 'v'))]);
    await host.manualClock.advance(10_000);
    expect(summary()).toEqual(['a', 'b×1']);
    expect(host.recordedLog.lines).toMatchObject([{ level: 'warn', fields: { failures: 1 } }]);
  });

  test('that ask for it, the sender is known', async () => {
    await start({ conditions: ['otelcol.client.addr == "10.0.0.1"'] });
    give([record('a')], { address: '10.0.0.1' });
    give([record('b')], { address: '10.0.0.2' });
    await host.manualClock.advance(10_000);
    expect(summary()).toEqual(['b', 'a×1']);
  });

  test('a batch whose others are refused is refused, and nothing of it was counted', async () => {
    await start({ conditions });
    host.answer = () => Promise.reject(retryable('busy', { code: 'BUSY' }));
    const given = give([record('a', int('ID', 1)), record('b')]);
    await host.manualClock.settle();
    expect(given.state).toMatchObject({ code: 'BUSY' });
    host.answer = () => Promise.resolve();
    give([record('a', int('ID', 1)), record('b')]);
    await host.manualClock.advance(10_000);
    expect(summary()).toEqual(['b', 'a×1']);
  });
});

describe('where destinations acknowledge what is safe', () => {
  test('senders wait for the end of the interval, which is cut short for them', async () => {
    await start({}, 'safe');
    const given = give([record('a')]);
    await host.manualClock.advance(4_999);
    expect(given.state).toBe('waiting');
    await host.manualClock.advance(1);
    expect(given.state).toBe('accepted');
    expect(summary()).toEqual(['a×1']);
  });

  test('they share what becomes of their records, and what comes again is counted once', async () => {
    await start({}, 'safe');
    host.answer = () => Promise.reject(retryable('busy', { code: 'BUSY' }));
    const given = [give([record('a')]), give([record('a')])];
    await host.manualClock.advance(60_000);
    expect(given.map(({ state }) => state)).toMatchObject([{ code: 'BUSY' }, { code: 'BUSY' }]);
    expect(host.passed).toHaveLength(1);
    host.answer = () => Promise.resolve();
    give([record('a')]);
    give([record('a')]);
    await host.manualClock.advance(5_000);
    expect(summary()).toEqual(['a×2']);
  });
});

describe('where destinations acknowledge into memory', () => {
  test('senders do not wait, and what is held is told', async () => {
    await start();
    const given = give([record('a'), record('a')]);
    await host.manualClock.settle();
    expect(given.state).toBe('accepted');
    expect(processor.heldItems).toBe(2);
  });

  test('what is refused for now is passed on again until it is taken', async () => {
    await start();
    let refusals = 3;
    host.answer = () => (refusals-- > 0 ? Promise.reject(retryable('busy')) : Promise.resolve());
    give([record('a')]);
    await host.manualClock.advance(10_000 + 50 + 100 + 200);
    expect(summary()).toEqual(['a×1']);
  });

  test('what can never be delivered is given up, said and counted', async () => {
    await start();
    host.answer = () => Promise.reject(permanent('malformed', { code: 'MALFORMED' }));
    give([record('a'), record('a')]);
    await host.manualClock.advance(10_000);
    expect(host.recordedLog.lines).toMatchObject([{ level: 'error', fields: { items: 2, code: 'MALFORMED' } }]);
    expect(host.recordedTelemetry.sum(/dropped/)).toBe(2);
  });
});

test('too many bytes end the interval early', async () => {
  await start({ max_held_bytes: 3_000 });
  for (let index = 0; index < 15; index++) give([record(`body ${index}`)]);
  await host.manualClock.settle();
  const early = summary().length;
  expect(early).toBeGreaterThan(5);
  expect(early).toBeLessThan(15);
  await host.manualClock.advance(10_000);
  expect(early + summary().length).toBe(15);
});

test('a shutdown passes on what is held, and what comes afterwards without waiting', async () => {
  await start({}, 'safe');
  const given = give([record('a')]);
  await processor.shutdown();
  expect(given.state).toBe('accepted');
  const late = give([record('b')]);
  await host.manualClock.settle();
  expect(late.state).toBe('accepted');
  expect(summary()).toEqual(['a×1', 'b×1']);
});

describe('with metadata_keys', () => {
  const from = (tenant: string, other = 'x') => ({ metadata: { 'x-tenant': [tenant], other: [other] } });

  test('records are kept apart by these, and passed on with them', async () => {
    await start({ metadata_keys: ['X-Tenant'] });
    give([record('a')], from('one'));
    give([record('a')], from('two'));
    give([record('a')], from('one', 'y'));
    await host.manualClock.advance(10_000);
    expect(host.senders).toEqual([{ metadata: { 'x-tenant': ['one'] } }, { metadata: { 'x-tenant': ['two'] } }]);
    expect(summary()).toEqual(['a×2', 'a×1']);
  });

  test('more combinations than allowed are refused', async () => {
    await start({ metadata_keys: ['x-tenant'], metadata_cardinality_limit: 1 });
    give([record('a')], from('one'));
    const given = give([record('a')], from('two'));
    await host.manualClock.settle();
    expect(given.state).toMatchObject({ code: 'METADATA_CARDINALITY', retryable: false });
  });
});
