import { double, type AnyValueInput, type LogRecordView } from '@millrace/otlp';
import { describe, expect, test } from 'vitest';
import type { SamplerSettings } from './sampler-settings.ts';
import { sampledRecords } from './testing/sampled.ts';

type Settings = Partial<SamplerSettings>;
type Attributes = Readonly<Record<string, AnyValueInput>>;

const HALF = 'fefefefefefefefefe80000000000000';
const record = (traceId: string, attributes: Attributes) => (view: LogRecordView) => {
  view.traceId = traceId;
  for (const [name, value] of Object.entries(attributes)) view.attributes.set(name, value);
};
const sampled = (settings: Settings, traceId: string, attributes: Attributes): Record<string, unknown> | undefined =>
  sampledRecords(settings, [record(traceId, attributes)])[0];

describe.each(['equalizing', 'proportional'] as const)('%s', (mode) => {
  test.each<[Settings, string, Attributes, object | undefined]>([
    [{ sampling_percentage: 100 }, HALF, {}, { 'sampling.threshold': '0' }],
    [{ sampling_percentage: 50 }, HALF, { a: 1 }, { a: 1, 'sampling.threshold': '8' }],
    [{ sampling_percentage: 49 }, HALF, {}, undefined],
    [{ sampling_percentage: 100 }, '', {}, undefined],
    [{ sampling_percentage: 1, fail_closed: false }, '', {}, { 'sampling.threshold': '0' }],
    [
      { sampling_percentage: 25 },
      '',
      { 'sampling.randomness': 'e05a99c8df8d32' },
      { 'sampling.randomness': 'e05a99c8df8d32', 'sampling.threshold': 'c' },
    ],
    [{ sampling_percentage: 100 }, HALF, { 'sampling.randomness': 'nothex' }, undefined],
    [
      { sampling_percentage: 1, fail_closed: false },
      HALF,
      { 'sampling.threshold': 'nothex' },
      { 'sampling.threshold': 'nothex' },
    ],
    [{ sampling_percentage: 100 }, HALF, { 'sampling.threshold': 'c' }, undefined],
    [
      { sampling_percentage: 1, fail_closed: false },
      HALF,
      { 'sampling.threshold': 'c' },
      { 'sampling.threshold': '0' },
    ],
    // A threshold that is no text is none.
    [{ sampling_percentage: 50 }, HALF, { 'sampling.threshold': 12 }, { 'sampling.threshold': '8' }],
  ])('%j, trace id "%s", %j', (settings, traceId, before, after) => {
    expect(sampled({ ...settings, mode }, traceId, before)).toEqual(after);
  });
});

test('earlier sampling counts in proportional mode, and is enough in equalizing mode', () => {
  const before = { 'sampling.threshold': '8', 'sampling.randomness': 'c0000000000000' };
  const after = (mode: 'equalizing' | 'proportional') => sampled({ mode, sampling_percentage: 50 }, HALF, before);
  expect(after('equalizing')).toEqual(before);
  expect(after('proportional')).toEqual({ ...before, 'sampling.threshold': 'c' });
});

describe('hash_seed', () => {
  const all = { sampling_percentage: 100 };
  const fromRecord: Settings = { ...all, attribute_source: 'record', from_attribute: 'id' };
  const randomness = (settings: Settings, traceId: string, attributes: Attributes) =>
    sampled(settings, traceId, attributes)?.['sampling.randomness'];

  test('hashes the trace id, or else the attribute', () => {
    const byTrace = randomness(all, HALF, {});
    expect(byTrace).toMatch(/^[0-9a-f]{14}$/);
    expect(randomness({ ...all, from_attribute: 'id' }, HALF, { id: 'x' })).toBe(byTrace);
    expect(randomness({ ...all, from_attribute: 'id' }, '', { id: 'x' })).toBe(
      randomness(fromRecord, HALF, { id: 'x' }),
    );
    expect(randomness(fromRecord, HALF, { id: 'x' })).not.toBe(byTrace);
  });

  test('the same text, bytes and number give the same randomness', () => {
    const text = randomness(fromRecord, '', { id: '12' });
    expect(randomness(fromRecord, '', { id: Buffer.from('12') })).toBe(text);
    expect(randomness(fromRecord, '', { id: 12 })).toBe(text);
    expect(randomness(fromRecord, '', { id: double(12) })).toBe(text);
    expect(randomness(fromRecord, '', { id: '13' })).not.toBe(text);
    expect(randomness(fromRecord, '', { id: ['a'] })).toBe(randomness(fromRecord, '', { id: ['a'] }));
    expect(randomness({ ...fromRecord, hash_seed: 1 }, '', { id: '12' })).not.toBe(text);
  });

  test('drops records without a source, unless it fails open', () => {
    for (const attributes of [{}, { id: '' }, { id: null }, { other: 'x' }]) {
      expect(sampled(fromRecord, HALF, attributes)).toBeUndefined();
      const open = sampled({ ...fromRecord, fail_closed: false }, HALF, attributes);
      expect(open).toEqual({ ...attributes, 'sampling.threshold': '0' });
    }
  });

  test('what was sampled by the specification is wrong here', () => {
    const before = { 'sampling.threshold': '0' };
    expect(sampled(all, HALF, before)).toBeUndefined();
    expect(sampled({ ...all, fail_closed: false }, HALF, before)).toEqual(before);
  });

  test('a record keeps its share by the attribute', () => {
    const records = Array.from({ length: 2_000 }, (_, index) => record('', { id: `pod-${index}` }));
    const kept = sampledRecords({ ...fromRecord, sampling_percentage: 20 }, records);
    expect(kept.length / records.length).toBeCloseTo(0.2, 1);
  });
});

test.each<[AnyValueInput, boolean]>([
  [0, false],
  [double(0), false],
  [100, true],
  [250, true],
  [double(50), true],
  [double(49.5), false],
  ['100', false],
  [-1, false],
])('a priority of %j decides instead of the percentage', (priority, keeps) => {
  const settings: Settings = { mode: 'proportional', sampling_percentage: 10, sampling_priority: 'priority' };
  expect(sampled(settings, HALF, { priority }) !== undefined).toBe(keeps);
  // Without one, the percentage counts.
  expect(sampled({ ...settings, sampling_percentage: 50 }, HALF, {})).toBeDefined();
});
