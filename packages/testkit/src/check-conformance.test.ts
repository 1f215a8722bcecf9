import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

interface Checked {
  readonly broken: readonly { readonly rule: string; readonly seen: string }[];
  readonly listeners: number;
}

test('a promise that a plugin leaves rejected is a verdict on the rule that ran, and does not end the process', async () => {
  const child = fork(new URL('./testing/check-plugin.ts', import.meta.url), { execArgv: ['--no-warnings'] });
  const ended = once(child, 'exit');
  const told = Promise.race([once(child, 'message'), ended]);
  child.send(new URL('./testing/plugins/leaves-a-rejection.ts', import.meta.url).href);
  const [{ broken, listeners }] = (await told) as [Checked];
  const stray = broken.filter(({ seen }) => seen.startsWith('a promise was rejected that nobody waits for'));
  const rules = stray.map(({ rule }) => rule);
  expect(rules).toEqual(expect.arrayContaining(['accounting/calm', 'accounting/stateful']));
  // Only what has it consume something.
  expect(rules).not.toContain('config/examples');
  expect(stray.every(({ seen }) => seen.includes('left behind') && seen.includes('leaves-a-rejection.ts'))).toBe(true);
  expect(listeners).toBe(0);
  expect(await ended).toEqual([0, null]);
}, 60_000);
