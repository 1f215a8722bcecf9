import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';
import { type Batch, type Definition, type ExporterHost, isRetryable, type StatefulHost } from '@millrace/api';
import { DurableQueue, type FileSystem } from '@millrace/delivery';
import type { Sabotage } from './simulation.ts';

/** A deliberate bug, and what the oracle says of it. */
interface Bug {
  /** As in: a collector that … */
  readonly what: string;
  readonly sabotage: Sabotage;
  readonly shows: RegExp;
}

/** Bugs that every collector is tempted by, each wrapped around something that is injected. The oracle must see them. */
export const SABOTAGES: readonly Bug[] = [
  { what: 'acknowledges before the disk has the data', sabotage: { files: withoutSync }, shows: /lost/ },
  { what: 'marks data as delivered when it is read', sabotage: { install: markEarly }, shows: /lost/ },
  { what: 'does not check what it finds on disk', sabotage: { install: skipChecksums }, shows: /altered|nobody sent/ },
  {
    what: 'forgets who waits when data is refused',
    sabotage: { definition: withHost(forgetRefused) },
    shows: /senders (?:wait|have no answer)/,
  },
  {
    what: 'gives memory back twice',
    sabotage: { definition: withHost(releaseTwice) },
    shows: /after its release/,
  },
  { what: 'drops what the destination does not take for now', sabotage: { definition: dropForNow }, shows: /lost/ },
  { what: 'says that it passed on what it keeps', sabotage: { definition: withHost(holdBack) }, shows: /lost/ },
];

function withoutSync(files: FileSystem): FileSystem {
  const open: FileSystem['open'] = async (path, mode) => ({
    ...(await files.open(path, mode)),
    sync: () => Promise.resolve(),
  });
  return { ...files, open };
}

function markEarly(): () => void {
  // oxlint-disable-next-line typescript/unbound-method -- called with their queue, or put back.
  const { read, done } = DurableQueue.prototype;
  DurableQueue.prototype.read = async function (this: DurableQueue<Batch>) {
    const stored = await read.call(this);
    if (stored.load !== undefined) done.call(this, stored.sequence);
    return stored as never;
  };
  DurableQueue.prototype.done = () => undefined;
  return () => Object.assign(DurableQueue.prototype, { read, done });
}

function skipChecksums(): () => void {
  const { crc32 } = zlib;
  const patch = (sum: typeof crc32) => {
    zlib.crc32 = sum;
    syncBuiltinESMExports();
  };
  patch(() => 0);
  return () => patch(crc32);
}

/** Spoils what the batch processor is given. */
function withHost(spoil: (host: StatefulHost) => StatefulHost): (definition: Definition) => Definition {
  return (definition) => {
    if (definition.kind !== 'processor' || definition.stateful === undefined) return definition;
    const { stateful } = definition;
    return { ...definition, stateful: { ...stateful, create: (config, host) => stateful.create(config, spoil(host)) } };
  };
}

function forgetRefused(host: StatefulHost): StatefulHost {
  return { ...host, next: (batches) => host.next(batches).catch(() => new Promise<never>(() => {})) };
}

function releaseTwice(host: StatefulHost): StatefulHost {
  return {
    ...host,
    next: async (batches) => {
      await host.next(batches);
      for (const batch of batches) batch.release();
    },
  };
}

/** Says that it has passed on what it keeps. */
function holdBack(host: StatefulHost): StatefulHost {
  let calls = 0;
  return { ...host, next: (batches) => (++calls % 10 === 0 ? Promise.resolve() : host.next(batches)) };
}

function dropForNow(definition: Definition): Definition {
  if (definition.kind !== 'exporter') return definition;
  return {
    ...definition,
    create: (config: unknown, host: ExporterHost) => {
      const sink = definition.create(config, host);
      const send: typeof sink.send = async (payload) => {
        try {
          await sink.send(payload);
        } catch (error) {
          if (!isRetryable(error)) throw error;
        }
      };
      return { ...sink, send };
    },
  };
}
