import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { Questioner } from './questioner.ts';

function questioner(concurrency: number, answer: (key: string) => Promise<string>) {
  const clock = new ManualClock();
  const rests: string[] = [];
  const source = {
    kind: 'remote',
    concurrency,
    ask: answer,
    start: () => Promise.resolve(),
    stop: () => undefined,
  } as const;
  const { ask } = new Questioner({
    source,
    clock,
    onAnswer: () => undefined,
    onRest: () => rests.push('rest'),
    onRecovery: () => rests.push('recovery'),
  });
  return { ask, clock, rests };
}

test('never more questions than allowed are under way, and all are answered in their order', async () => {
  let [running, most] = [0, 0];
  const answered: string[] = [];
  const { ask } = questioner(3, async (key) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    answered.push(key);
    // One more from within comes behind those that wait.
    if (key === '1') void ask('last');
    return key;
  });
  const keys = Array.from({ length: 20 }, (_, index) => String(index));
  expect(await Promise.all(keys.map(ask))).toEqual(keys);
  await expect.poll(() => answered).toEqual([...keys, 'last']);
  expect(most).toBe(3);
});

test('a source that keeps failing rests for longer and longer, until it answers', async () => {
  let asked = 0;
  let isDown = true;
  const { ask, clock, rests } = questioner(1, (key) => {
    asked++;
    return isDown ? Promise.reject(new Error('down')) : Promise.resolve(key);
  });
  const failing = (count: number) => Promise.allSettled(Array.from({ length: count }, () => ask('k')));
  await failing(20);
  expect([asked, rests]).toEqual([5, ['rest']]);
  for (const restMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    const before = asked;
    await clock.advance(restMs - 1);
    await failing(2);
    expect(asked).toBe(before);
    await clock.advance(1);
    await failing(2);
    expect(asked).toBe(before + 1);
  }
  isDown = false;
  await clock.advance(30_000);
  expect(await ask('k')).toBe('k');
  expect(rests).toEqual(['rest', 'recovery']);
});
