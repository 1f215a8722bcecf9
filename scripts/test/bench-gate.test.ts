import { expect, test } from 'vitest';
import { outcomeOf } from './bench-gate.ts';

const MEASURED =
  'working tree beside 0123456789 (merge base with main)\nforward 1.02 times the CPU of the base (1.02)\n';

test('what was compared and is within the bound counts as passed', () => {
  expect(outcomeOf({ exitCode: 0, output: MEASURED }).tally).toEqual({ passed: 1, failed: 0, skipped: [] });
});

test('what has nothing to be compared with is skipped, with the reason', () => {
  const output = 'nothing to compare with: there is no commit before this one here\n';
  expect(outcomeOf({ exitCode: 0, output })).toEqual({
    tally: { passed: 0, failed: 0, skipped: ['bench gate: there is no commit before this one here'] },
    details: 'skipped: there is no commit before this one here',
  });
});

test('a regression fails, and so does a gate that breaks', () => {
  const slower = `${MEASURED}more than 1.5 times the CPU of the base: forward\n`;
  expect(outcomeOf({ exitCode: 1, output: slower }).tally).toEqual({ passed: 0, failed: 1, skipped: [] });
  expect(outcomeOf({ exitCode: 127, output: 'cannot start node' }).tally.failed).toBe(1);
});
