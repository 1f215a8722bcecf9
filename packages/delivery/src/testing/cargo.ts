import type { Batch, ClientContext, Outgoing } from '@millrace/api';
import type { Batching } from '../delivery.ts';
import type { CutLimit } from '../queue-batcher.ts';
import type { Load, Shipment } from '../shipment.ts';

/** Bytes of one item in test payloads: a 32-bit id. */
export const ITEM_BYTES = 4;

/** Makes loads whose payload is a list of item ids, and keeps account of who releases them. */
export class Cargo {
  /** Everything that was made and not released. */
  readonly held = new Set<Load>();
  readonly faults: string[] = [];
  #made = 0;

  get made(): number {
    return this.#made;
  }

  shipment(ids: readonly number[], context?: ClientContext): Shipment {
    const payload = bytesOf(ids);
    return this.#keep({
      signal: 'logs',
      items: ids.length,
      bytes: payload.length,
      payload,
      context,
      release() {},
    });
  }

  batch(ids: readonly number[], context?: ClientContext): Batch {
    const chunk = bytesOf(ids);
    return this.#keep({
      signal: 'logs',
      items: ids.length,
      bytes: chunk.length,
      chunks: [chunk],
      context,
      share() {
        throw new Error('not needed here');
      },
      release() {},
    });
  }

  /** Cutting and encoding as the engine does it for `sending_queue.batch`. */
  readonly batching: Batching = {
    cut: (batch: Batch, { unit, size }: CutLimit) => {
      const ids = idsOf(this.#read(batch).chunks[0]);
      const fit = Math.max(1, unit === 'items' ? size : Math.floor(size / ITEM_BYTES));
      this.#release(batch);
      const rest = ids.slice(fit);
      return {
        head: this.batch(ids.slice(0, fit), batch.context),
        rest: rest.length === 0 ? undefined : this.batch(rest, batch.context),
      };
    },
    encode: async (batches, context) => {
      await Promise.resolve();
      return this.shipment(
        batches.flatMap((batch) => this.#read(batch).chunks.flatMap((chunk) => idsOf(chunk))),
        context,
      );
    },
  };

  #read<T extends Load>(load: T): T {
    if (!this.held.has(load)) this.faults.push('read after release');
    return load;
  }

  #release(load: Load): void {
    if (!this.held.delete(load)) this.faults.push('released twice');
  }

  #keep<T extends Load>(load: T): T {
    this.#made += 1;
    const kept: T = { ...load, release: () => this.#release(kept) };
    this.held.add(kept);
    return kept;
  }
}

export function bytesOf(ids: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(ids).buffer);
}

/** The item ids in a payload. */
export function idsOf(bytes: Uint8Array): number[] {
  return [...new Uint32Array(bytes.slice().buffer)];
}

/** `count` ids from `first`. */
export function ids(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** What a {@link ScriptedSink} does with one call. */
export type Act = (payload: Outgoing) => Promise<void>;

/** A sink that does as it is told, call by call, and takes everything once the script is over. */
export class ScriptedSink {
  /** Ids of each call, in order. */
  readonly calls: number[][] = [];
  /** Ids of each call that was answered with success. */
  readonly arrived: number[][] = [];
  readonly contexts: (ClientContext | undefined)[] = [];
  readonly #script: Act[];
  /** Calls under way at this moment, and at most. */
  active = 0;
  activeMax = 0;

  constructor(...script: Act[]) {
    this.#script = script;
  }

  async send(payload: Outgoing): Promise<void> {
    const ids = idsOf(payload.bytes);
    this.calls.push(ids);
    this.contexts.push(payload.context);
    this.active += 1;
    this.activeMax = Math.max(this.activeMax, this.active);
    try {
      await this.#script.shift()?.(payload);
      this.arrived.push(ids);
    } finally {
      this.active -= 1;
    }
  }
}

export const take: Act = () => Promise.resolve();

export function fail(error: Error): Act {
  return async () => {
    throw error;
  };
}

/** Never answers, but lets go when it is told to. */
export const hang: Act = ({ abort }) =>
  new Promise((_, reject) => {
    abort.addEventListener('abort', () => reject(new Error('aborted')));
  });

/** Does not listen to the abort; answers when `end` is called. */
export function deaf(): { act: Act; end: (error?: Error) => void } {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  return { act: () => promise, end: (error) => (error === undefined ? resolve() : reject(error)) };
}
