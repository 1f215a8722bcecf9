import type { TaskQueue } from 'piscina';
import { assignmentOf } from './assignment.ts';
import { PriorityQueue } from './priority-queue.ts';

type Task = Parameters<TaskQueue['push']>[0];

/** Piscina's queue, by priority. */
export class PriorityTaskQueue implements TaskQueue {
  readonly #queue = new PriorityQueue<Task>();

  get size(): number {
    return this.#queue.size;
  }

  push(task: Task): void {
    this.#queue.push(task, assignmentOf(task).priority);
  }

  unshift(task: Task): void {
    this.#queue.unshift(task, assignmentOf(task).priority);
  }

  shift(): Task | null {
    return this.#queue.shift() ?? null;
  }

  remove(task: Task): void {
    this.#queue.remove(task, assignmentOf(task).priority);
  }
}
