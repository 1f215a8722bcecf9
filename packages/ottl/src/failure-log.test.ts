import { expect, test } from 'vitest';
import { FailureLog } from './failure-log.ts';

const refuse = (error: Error, source: string) => new Error(`refused: ${source}: ${error.message}`);

test('what is ignored is counted, and told in one line for each source and interval', () => {
  let now = 1n;
  const lines: unknown[] = [];
  const log = new FailureLog({ now: () => now, warn: (_, fields) => lines.push(fields) });
  const { onError } = log.handling('ignore', refuse);
  onError!(new Error('one'), 'a');
  onError!(new Error('two'), 'a');
  onError!(new Error('three'), 'b');
  log.report();
  expect(lines.splice(0)).toEqual([
    { source: 'a', failures: 2, error: 'one' },
    { source: 'b', failures: 1, error: 'three' },
  ]);
  onError!(new Error('four'), 'a');
  now += 9_999_999_999n;
  log.report();
  expect(lines).toEqual([]);
  now += 1n;
  log.report();
  log.report();
  expect(lines).toEqual([{ source: 'a', failures: 1, error: 'four' }]);
});

test('what is propagated refuses, with its source', () => {
  const log = new FailureLog({ now: () => 0n, warn: () => expect.fail('nothing is to be told') });
  expect(() => log.handling('propagate', refuse).onError!(new Error('x'), 'set(a, b)')).toThrow(
    'refused: set(a, b): x',
  );
  expect(log.handling('silent', refuse)).toEqual({ errorMode: 'silent' });
  log.report();
});
