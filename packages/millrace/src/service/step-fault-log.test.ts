import { RecordingLogger } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { StepFaultLog } from './step-fault-log.ts';

function logAt() {
  const time = { nowMs: 0 };
  const logger = new RecordingLogger();
  return { time, logger, log: new StepFaultLog(logger, () => time.nowMs) };
}

test('each place is logged once a minute, and then with how often it failed in between', () => {
  const { time, logger, log } = logAt();
  for (let times = 0; times < 3; times++) log.fault({ message: 'processor "a" failed: x', at: 'a.ts:1:1' });
  log.fault({ message: 'processor "a" failed: y', at: 'a.ts:2:1' });
  time.nowMs = 60_000;
  log.fault({ message: 'processor "a" failed: x', at: 'a.ts:1:1' });
  expect(logger.lines.map(({ level, message, fields }) => [level, message, fields])).toEqual([
    ['error', 'processor "a" failed: x', { at: 'a.ts:1:1' }],
    ['error', 'processor "a" failed: y', { at: 'a.ts:2:1' }],
    ['error', 'processor "a" failed: x', { at: 'a.ts:1:1', failures_before: 2 }],
  ]);
});

test('of very many places, new ones are logged as old ones are forgotten', () => {
  const { time, logger, log } = logAt();
  const fail = (line: number) => log.fault({ message: 'failed', at: `a.ts:${line}:1` });
  for (let line = 0; line < 150; line++) fail(line);
  expect(logger.lines).toHaveLength(100);
  time.nowMs = 60_000;
  fail(200);
  expect(logger.lines).toHaveLength(101);
});
