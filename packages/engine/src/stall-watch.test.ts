import type { LogFields } from '@millrace/api';
import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { StallWatch } from './stall-watch.ts';
import { StatusBoard } from './status-board.ts';

const CALL = { kind: 'exporter', id: 'slow', call: 'send', limitMs: 30_000 } as const;

function watchOn(clock: ManualClock) {
  const lines: string[] = [];
  const note = (message: string, fields?: LogFields) =>
    void lines.push(`${message} (${String(fields?.['open'])} open)`);
  const status = new StatusBoard(clock);
  const logger = { debug: note, info: note, warn: note, error: note };
  return { lines, status, watch: new StallWatch({ clock, logger, status }) };
}

test('a component that does not come back is named once, with others that came back in between', async () => {
  const clock = new ManualClock();
  const { lines, status, watch } = watchOn(clock);
  const stuck = Promise.withResolvers<void>();
  const call = watch.watch(CALL, () => stuck.promise);
  await clock.advance(20_000);
  await watch.watch(CALL, () => undefined);
  expect(lines).toEqual([]);
  await clock.advance(30_000);
  expect(lines).toEqual(['component does not answer: send has not come back for 30 s (1 open)']);
  expect(status.components()).toMatchObject([{ id: 'slow', status: 'recoverable_error' }]);
  stuck.resolve();
  await call;
  expect(lines.slice(1)).toEqual(['component answers again (0 open)']);
  expect(status.components()).toMatchObject([{ id: 'slow', status: 'ok' }]);
});

test('results and errors pass through, also those of calls that throw at once, and no timer remains', async () => {
  const clock = new ManualClock();
  const { lines, watch } = watchOn(clock);
  expect(await watch.watch(CALL, () => 7)).toBe(7);
  await expect(
    watch.watch(CALL, () => {
      throw new Error('at once');
    }),
  ).rejects.toThrow('at once');
  await clock.advance(5_000);
  expect([clock.pending, lines]).toEqual([0, []]);
});
