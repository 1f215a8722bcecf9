import { expect, test } from 'vitest';
import { directConfig } from './direct-config.ts';

const MINUTE = 60_000;

test.each([
  ['sooner than configured', 5 * MINUTE, 30_000, 30_000],
  ['when it is configured to, if that is sooner', 10_000, 30_000, 10_000],
  ['although it is configured never to', 0, 30_000, 30_000],
  ['when it is configured to, if nothing else is said', 5 * MINUTE, Infinity, 5 * MINUTE],
  ['never, if nothing else is said', 0, Infinity, 0],
])('a replay gives up %s', (_, configured, giveUpMs, expected) => {
  const retry = { enabled: true, initial_interval: 5_000, max_interval: 5_000, max_elapsed_time: configured };
  expect(directConfig({ endpoint: 'x', retry_on_failure: retry }, giveUpMs)).toEqual({
    endpoint: 'x',
    dead_letter: 'none',
    retry_on_failure: { ...retry, max_elapsed_time: expected },
  });
});

test('waits between attempts are not longer than all of them', () => {
  const retry = { initial_interval: 5_000, max_interval: 30_000, max_elapsed_time: 5 * MINUTE };
  expect(directConfig({ retry_on_failure: retry }, 1_000)).toMatchObject({
    retry_on_failure: { initial_interval: 1_000, max_interval: 1_000, max_elapsed_time: 1_000 },
  });
});

test('an answer means that the destination has the data, and what it refuses stays where it was', () => {
  const config = { sending_queue: { enabled: true, storage: 'file_storage', queue_size: 7 }, dead_letter: './dead' };
  expect(directConfig(config, 1)).toEqual({
    sending_queue: { enabled: false, storage: undefined, queue_size: 7 },
    dead_letter: 'none',
  });
});
