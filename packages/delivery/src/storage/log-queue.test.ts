import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IndexedEntry } from './entry-index.ts';
import { LogQueue } from './log-queue.ts';

const entryOf = (sequence: number): IndexedEntry => ({
  sequence,
  segment: 1,
  offset: sequence * 8,
  bytes: 8,
  items: 1,
  dataBytes: 4,
});

type Step = 'append' | 'take' | 'take fresh' | 'demote' | 'done' | 'move' | 'put back';

/** The same with plain lists. */
class Model {
  backlog: number[] = [];
  fresh: number[] = [];
  inHand: number[] = [];

  hand(sequence: number | undefined): number | undefined {
    if (sequence !== undefined) this.inHand.push(sequence);
    return sequence;
  }
}

test('whatever is done to it, each entry is in one lane, in its order, and found where it is', () => {
  const steps = fc.array(
    fc.constantFrom<Step>('append', 'append', 'append', 'take', 'take fresh', 'demote', 'done', 'move', 'put back'),
    { maxLength: 300 },
  );
  fc.assert(
    fc.property(steps, (played) => {
      const queue = new LogQueue('q');
      const model = new Model();
      let sequence = 0;
      for (const step of played) {
        switch (step) {
          case 'append':
            sequence += 1;
            queue.fresh.push(entryOf(sequence));
            model.fresh.push(sequence);
            break;
          case 'take':
            expect(queue.take()?.sequence).toBe(model.hand(model.backlog.shift() ?? model.fresh.shift()));
            break;
          case 'take fresh':
            expect(queue.takeFresh()?.sequence).toBe(model.hand(model.fresh.shift()));
            break;
          case 'demote': {
            const demoted = model.fresh.shift();
            if (demoted !== undefined) model.backlog.push(demoted);
            expect(queue.demote()?.sequence).toBe(demoted);
            break;
          }
          case 'done': {
            const done = model.inHand.shift() ?? 0;
            expect(queue.remove(done)?.offset).toBe(done === 0 ? undefined : done * 8);
            break;
          }
          case 'move': {
            const there = [...model.backlog, ...model.fresh, ...model.inHand];
            for (const each of there) expect(queue.move(each, { segment: 1, offset: each * 8, bytes: 8 })).toBe(true);
            expect(queue.move(sequence + 1, { segment: 1, offset: 0, bytes: 8 })).toBe(false);
            break;
          }
          case 'put back':
            queue.putBack();
            model.backlog = [...model.backlog, ...model.fresh, ...model.inHand].toSorted((a, b) => a - b);
            model.fresh = [];
            model.inHand = [];
        }
        expect([queue.backlog.length, queue.fresh.length, queue.length - queue.unread]).toEqual([
          model.backlog.length,
          model.fresh.length,
          model.inHand.length,
        ]);
        for (const each of [...model.backlog, ...model.fresh, ...model.inHand]) {
          expect(queue.find(each)).toEqual(entryOf(each));
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('a lane that is emptied again and again, and one of many thousands, keep their order', () => {
  const queue = new LogQueue('q');
  let next = 0;
  for (const count of [1, 1, 4096, 1, 4097, 10_000, 3, 8192, 1]) {
    const first = next + 1;
    for (let added = 0; added < count; added++) queue.fresh.push(entryOf(++next));
    for (let expected = first; expected <= next; expected++) expect(queue.take()).toEqual(entryOf(expected));
    expect(queue.take()).toBeUndefined();
  }
});
