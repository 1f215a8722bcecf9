import {
  type Definition,
  defineExporter,
  defineExtension,
  defineProcessor,
  exporterSettings,
  type Sink,
  type StorageDirectory,
  Type,
} from '@millrace/api';
import { idOfNano } from './items.ts';

/**
 * The components of simulated collectors. Workers, and the mill that runs in place, import this module for the pure
 * halves; the simulation makes the definitions with what their main-thread halves need.
 */

/** What became of items in pure halves that throw: whether the last call that held an item threw. */
export class Witness {
  readonly #threw = new Map<string, Map<number, boolean>>();

  /** Whether a step `poison/…` was the last to throw. */
  poisoned(id: number): boolean {
    return [...this.#threw].some(([by, threw]) => by.startsWith('poison/') && threw.get(id) === true);
  }

  /** `by`: an exporter whose encoder it is, or a step. */
  threwLast(by: string, id: number): boolean {
    return this.#threw.get(by)?.get(id) === true;
  }

  note(by: string, ids: readonly number[], threw: boolean): void {
    const known = this.#threw.get(by) ?? new Map<number, boolean>();
    this.#threw.set(by, known);
    for (const id of ids) known.set(id, threw);
  }

  forget(): void {
    this.#threw.clear();
  }
}

/** Of the simulation that runs; the pure halves know of no other. */
export const witness = new Witness();

/** A plug in the pure halves: throws at every so many items, as a faulty plugin does. */
function throwAtEvery(by: string, every: number, times: Iterable<bigint>): void {
  const ids = [...times].map(idOfNano);
  const threw = ids.some((id) => id % every === 0);
  witness.note(by, ids, threw);
  if (threw) throw new Error('this item is too much for me');
}

/** `poison`: a transform that throws at some items and changes nothing. */
const poison = defineProcessor({
  type: 'poison',
  summary: 'Throws at some items.',
  stability: 'development',
  config: Type.Object({
    every: Type.Integer({ minimum: 1, default: 50, description: 'At which.' }),
    name: Type.String({ description: 'Its own id.' }),
  }),
  examples: [],
  create: ({ every, name }) => ({
    logs: (batch) =>
      throwAtEvery(
        name,
        every,
        times(batch.records, (record) => record.timeUnixNano),
      ),
    traces: (batch) =>
      throwAtEvery(
        name,
        every,
        times(batch.spans, (span) => span.startTimeUnixNano),
      ),
  }),
});

function* times<T>(items: Iterable<T>, timeOf: (item: T) => bigint): Iterable<bigint> {
  for (const item of items) yield timeOf(item);
}

/** `sim/…`: an exporter to a simulated destination, with all that the engine can put around one. */
export function simulatedExporter(sinkOf: (id: string) => Sink): Definition<'exporter'> {
  return defineExporter({
    type: 'sim',
    summary: 'Sends to a simulated destination.',
    stability: 'development',
    signals: ['logs', 'traces'],
    config: Type.Object({
      ...exporterSettings(),
      fails_at_every: Type.Optional(Type.Integer({ minimum: 1, description: 'Its encoder throws at such items.' })),
      name: Type.String({ default: '', description: 'Its own id, for its encoder.' }),
    }),
    examples: [],
    encoder: ({ fails_at_every: every, name }) => {
      if (every === undefined) return undefined;
      return {
        encode(batch) {
          if ('records' in batch)
            throwAtEvery(
              name,
              every,
              times(batch.records, (record) => record.timeUnixNano),
            );
          if ('spans' in batch)
            throwAtEvery(
              name,
              every,
              times(batch.spans, (span) => span.startTimeUnixNano),
            );
          return batch.toBytes();
        },
      };
    },
    create: (_config, { id }) => sinkOf(id),
  }) as Definition<'exporter'>;
}

/** Where it lies. */
export const STORE = '/store';
const KEY = Uint8Array.from({ length: 32 }, (_, at) => at * 7);

/** `sim_storage`: a storage on the simulated disk. */
export const simulatedStorage = defineExtension({
  type: 'sim_storage',
  summary: 'Keeps queues on a simulated disk.',
  stability: 'development',
  config: Type.Object({
    bytes_max: Type.Integer({ default: 4 * 1024 * 1024, description: 'Room that it may take.' }),
    fsync: Type.Boolean({ default: true, description: 'Whether acknowledgements wait for the disk.' }),
    encrypted: Type.Boolean({ default: false, description: 'Whether nobody can read what is on it.' }),
  }),
  examples: [],
  create: () => ({}),
  storage: ({ bytes_max: bytesMax, fsync, encrypted }): StorageDirectory => ({
    directory: STORE,
    createDirectory: true,
    directoryMode: 0o750,
    lockTimeoutMs: 1_000,
    fsync,
    bytesMax,
    freeBytesMin: 0,
    keys: encrypted ? [KEY] : [],
  }),
});

export default [poison, simulatedExporter(() => ({ send: () => Promise.reject(new Error('the main thread sends')) }))];
