import { expect, test } from 'vitest';
import { checkDelta, type DeltaSettings } from './delta-settings.ts';

const match = { metrics: [], metric_types: [] };
const settings = (more: Partial<DeltaSettings>): DeltaSettings => ({
  include: match,
  exclude: match,
  max_staleness: 0,
  initial_value: 'auto',
  max_streams: 1,
  ...more,
});

test.each([
  [{ include: { ...match, metrics: ['a'] } }, 'include: match_type is missing'],
  [{ exclude: { ...match, match_type: 'strict' } }, 'exclude.match_type: there are no metrics to match'],
  [{ exclude: { ...match, metric_types: ['gauge'] } }, 'exclude.metric_types.0: there is no metric type "gauge" here'],
  [{ include: { ...match, match_type: 'regexp', metrics: ['a', '('] } }, 'include.metrics.1: '],
  [{ max_staleness: 0.0003 }, 'max_staleness: 300ns is less than a millisecond'],
] as const)('%j is refused', (more, expected) => {
  const [fault] = checkDelta(settings(more as Partial<DeltaSettings>));
  expect(`${fault?.path.join('.')}: ${fault?.message}`).toContain(expected);
});

test('what is right is right', () => {
  const include = { metrics: ['a'], match_type: 'strict' as const, metric_types: ['Sum', 'ExponentialHistogram'] };
  expect(checkDelta(settings({ include, max_staleness: 3_600_000 }))).toEqual([]);
});
