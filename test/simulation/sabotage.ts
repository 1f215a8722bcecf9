import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';
import { type Batch, type Definition, type ExporterHost, isRetryable, type StatefulHost } from '@millrace/api';
import { DurableQueue, type FileSystem } from '@millrace/delivery';
import type { Sabotage } from './simulation.ts';

/** Bugs that every collector is tempted by, each wrapped around something that is injected. The oracle must see them. */
export const SABOTAGES: Readonly<Record<string, Sabotage>> = {
  'acknowledges before the disk has the data': { files: withoutSync },
  'marks data as delivered when it is read': { install: markEarly },
  'does not check what it finds on disk': { install: skipChecksums },
  'forgets who waits when data is refused': { definition: withHost(forgetRefused) },
  'gives memory back twice': { definition: withHost(releaseTwice) },
  'drops what the destination does not take for now': { definition: dropForNow },
  'says that it passed on what it keeps': { definition: withHost(holdBack) },
};

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
