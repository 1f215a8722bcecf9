import { expect, test } from 'vitest';
import { JointStatus } from './joint-status.ts';

test('one part that works does not hide another that fails', () => {
  const said: (string | undefined)[][] = [];
  const status = new JointStatus((...report) => said.push(report));
  status.set('logs', 'recoverable_error', 'connection refused');
  status.set('traces', 'ok');
  status.set('logs', 'permanent_error', 'unknown key');
  status.set('logs', 'ok');
  expect(said).toEqual([
    ['recoverable_error', 'connection refused'],
    ['recoverable_error', 'connection refused'],
    ['permanent_error', 'unknown key'],
    ['ok', undefined],
  ]);
});
