import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';
import {
  type Batch,
  type Definition,
  type ExporterHost,
  isRetryable,
  type Outgoing,
  permanent,
  type StatefulHost,
} from '@millrace/api';
import { DeadLetterDirectory, DurableQueue, type FileSystem } from '@millrace/delivery';
import { LogBook } from './log-book.ts';
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
  {
    what: 'drops what the destination does not take for now',
    sabotage: { definition: withSink((send) => (payload) => send(payload).catch(unlessForNow)) },
    shows: /lost/,
  },
  { what: 'says that it passed on what it keeps', sabotage: { definition: withHost(holdBack) }, shows: /lost/ },
  { what: 'does not write its dead letters down', sabotage: { install: dropLetters }, shows: /lost/ },
  {
    what: 'gives up what nobody refused',
    sabotage: { definition: withSink((send) => everyTenth(send, () => Promise.reject(permanent('no')))) },
    shows: /lost/,
  },
  {
    what: 'says that it delivered what was refused for good',
    sabotage: { definition: withSink((send) => (payload) => send(payload).catch(unlessPermanent)) },
    shows: /lost/,
  },
  {
    what: 'sends twice',
    sabotage: { definition: withSink((send) => (payload) => send(payload).then(() => send(payload))) },
    shows: /arrived/,
  },
  { what: 'forgets when it stops what it has delivered', sabotage: { install: neverDone }, shows: /arrived/ },
  { what: 'loses what stands beside a damaged entry', sabotage: { flipsTwice: true }, shows: /lost/ },
  { what: 'keeps quiet about damage', sabotage: { install: muteDamage }, shows: /nobody was told/ },
  { what: 'stores in clear what should be encrypted', sabotage: { definition: withoutKeys }, shows: /can be read/ },
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

type Send = (payload: Outgoing) => Promise<unknown>;

/** Spoils what exporters send with. */
function withSink(spoil: (send: Send) => Send): (definition: Definition) => Definition {
  return (definition) => {
    if (definition.kind !== 'exporter') return definition;
    return {
      ...definition,
      create: (config: unknown, host: ExporterHost) => {
        const sink = definition.create(config, host);
        const send = spoil((payload) => Promise.resolve(sink.send(payload)));
        return { ...sink, send: async (payload: Outgoing) => void (await send(payload)) };
      },
    };
  };
}

function unlessForNow(error: unknown): void {
  if (!isRetryable(error)) throw error;
}

function unlessPermanent(error: unknown): void {
  if (isRetryable(error)) throw error;
}

function everyTenth(send: Send, otherwise: Send): Send {
  let calls = 0;
  return (payload) => (++calls % 10 === 0 ? otherwise(payload) : send(payload));
}

function dropLetters(): () => void {
  // oxlint-disable-next-line typescript/unbound-method -- put back.
  const { append } = DeadLetterDirectory.prototype;
  DeadLetterDirectory.prototype.append = () => Promise.resolve();
  return () => Object.assign(DeadLetterDirectory.prototype, { append });
}

function neverDone(): () => void {
  // oxlint-disable-next-line typescript/unbound-method -- put back.
  const { done } = DurableQueue.prototype;
  DurableQueue.prototype.done = () => undefined;
  return () => Object.assign(DurableQueue.prototype, { done });
}

function muteDamage(): () => void {
  // oxlint-disable-next-line typescript/unbound-method -- called with its log book, or put back.
  const { error, warn } = LogBook.prototype;
  const mute = (log: typeof error): typeof error =>
    function (this: LogBook, message, fields) {
      if (!/damaged|does not check/.test(message)) log.call(this, message, fields);
    };
  Object.assign(LogBook.prototype, { error: mute(error), warn: mute(warn) });
  return () => Object.assign(LogBook.prototype, { error, warn });
}

function withoutKeys(definition: Definition): Definition {
  // oxlint-disable-next-line typescript/unbound-method -- a definition's functions know no `this`.
  const { storage } = definition as Definition<'extension'>;
  if (storage === undefined) return definition;
  return {
    ...definition,
    storage: async (config: unknown) => ({ ...(await storage(config)), keys: [] }),
  } as Definition;
}
