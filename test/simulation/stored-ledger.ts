import type { Batch } from '@millrace/api';
import { DurableQueue } from '@millrace/delivery';
import { itemsIn, type SimulatedSignal } from './items.ts';

/** Which items the entries of a storage hold, by the sequence that the storage gave them when it took them. */
export class StoredLedger {
  readonly #items = new Map<number, readonly number[]>();

  /** Undefined for one that nobody heard of: its append was cut off. */
  itemsOf(sequence: number): readonly number[] | undefined {
    return this.#items.get(sequence);
  }

  /** Listens to all queues from now on; the result ends that. */
  listen(): () => void {
    // oxlint-disable-next-line typescript/unbound-method -- called with its queue, or put back.
    const { append } = DurableQueue.prototype;
    const items = this.#items;
    DurableQueue.prototype.append = function (this: DurableQueue<Batch>, load: Batch) {
      const ids = load.chunks.flatMap((chunk) => itemsIn(load.signal as SimulatedSignal, chunk).map(({ id }) => id));
      const appending = append.call(this, load);
      appending.then(
        (sequence) => items.set(sequence, ids),
        () => undefined,
      );
      return appending;
    } as typeof append;
    return () => {
      DurableQueue.prototype.append = append;
    };
  }
}
