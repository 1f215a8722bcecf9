import { expect, test } from 'vitest';
import { PlanEntry } from './plan-entry.ts';

const plan = {
  id: 'otlp/logs',
  signal: 'logs',
  decoder: undefined,
  validate: true,
  keepContexts: false,
  branches: [],
} as const;

test('parts that leave as they came do not take the room away that merged ones need', () => {
  const entry = new PlanEntry(plan, 0);
  for (let each = 0; each < 200; each++) {
    entry.learn(1_000_000, 1, 0);
    entry.learn(3_000_000, 3, 3_000_000);
  }
  expect(entry.outputEstimate(1_000_000, 1)).toBeLessThan(10_000);
  expect(entry.outputEstimate(3_000_000, 3)).toBeGreaterThanOrEqual(3_000_000);
});

test('an overflow is learned at once, a smaller output slowly', () => {
  const entry = new PlanEntry(plan, 0);
  entry.learn(1_000_000, 1, 2_000_000);
  expect(entry.outputEstimate(1_000_000, 1)).toBeGreaterThanOrEqual(2_000_000);
  entry.learn(1_000_000, 1, 1_000_000);
  expect(entry.outputEstimate(1_000_000, 1)).toBeGreaterThanOrEqual(1_900_000);
});
