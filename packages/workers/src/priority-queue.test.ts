import { describe, expect, it } from 'vitest';
import { PriorityQueue } from './priority-queue.ts';

function drain(queue: PriorityQueue<string>, count = queue.size): string[] {
  return Array.from({ length: count }, () => queue.shift() ?? '');
}

describe('PriorityQueue', () => {
  it('gives the highest class first, and the oldest first within a class', () => {
    const queue = new PriorityQueue<string>();
    queue.push('b1', 'backlog');
    queue.push('n1', 'normal');
    queue.push('h1', 'high');
    queue.push('h2', 'high');
    expect(drain(queue)).toEqual(['h1', 'h2', 'n1', 'b1']);
    expect(queue.shift()).toBeUndefined();
  });

  it('lets no class starve: one in nine for normal, one in seventeen for backlog', () => {
    const queue = new PriorityQueue<string>();
    for (let index = 0; index < 20; index++) {
      queue.push('n', 'normal');
      queue.push('b', 'backlog');
    }
    const taken = { h: 0, n: 0, b: 0 };
    for (let turn = 0; turn < 170; turn++) {
      queue.push('h', 'high');
      taken[queue.shift() as 'h' | 'n' | 'b']++;
    }
    expect(taken.n).toBeGreaterThanOrEqual(16);
    expect(taken.b).toBeGreaterThanOrEqual(9);
    expect(taken.h).toBeGreaterThan(130);
  });

  it('puts a task back where it was taken', () => {
    const queue = new PriorityQueue<string>();
    queue.push('h1', 'high');
    queue.push('h2', 'high');
    queue.unshift(queue.shift() as string, 'high');
    expect(drain(queue)).toEqual(['h1', 'h2']);
  });

  it('forgets what is removed', () => {
    const queue = new PriorityQueue<string>();
    queue.push('a', 'normal');
    queue.push('b', 'normal');
    queue.remove('a', 'normal');
    queue.remove('never there', 'normal');
    expect(queue.size).toBe(1);
    expect(drain(queue)).toEqual(['b']);
  });

  it('stays in order over many tasks', () => {
    const queue = new PriorityQueue<string>();
    const seen: string[] = [];
    for (let index = 0; index < 5000; index++) {
      queue.push(String(index), 'normal');
      if (index % 3 === 0) seen.push(queue.shift() as string);
    }
    seen.push(...drain(queue));
    expect(seen).toEqual(Array.from({ length: 5000 }, (_, index) => String(index)));
  });
});
