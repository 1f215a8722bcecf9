import { createHook } from 'node:async_hooks';
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { ConnectorOutput, OpenBatch, Signal } from '@millrace/api';
import { FakeStepTools } from '../fake-step-tools.ts';
import { samplesOf } from '../samples.ts';
import { openBatch } from './child/rigs.ts';
import { payloadsOf } from './payloads.ts';
import { hasPureHalf } from './placement-rules.ts';
import type { Rule, Violation } from './rule.ts';
import type { Entry, Subject } from './subject.ts';
import { receivingOf } from './wiring.ts';

/**
 * Whether what a definition declares as pure (`decoder`, `create` of a processor or a connector, `encoder`) is: that decides
 * where it runs, and that several branches may share the bytes that it is given.
 */
export const PURITY_RULES: readonly Rule[] = [
  {
    id: 'truth/pure',
    says: 'a pure half does no I/O and leaves nothing to be done later',
    appliesTo: hasPureHalf,
    check: pure,
  },
  {
    id: 'truth/input-untouched',
    says: 'a pure half never writes to the bytes that it is given',
    appliesTo: hasPureHalf,
    check: inputUntouched,
  },
];

/** One call of a pure half. */
interface Call {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly run: (bytes: Uint8Array) => unknown;
}

async function pure(subject: Subject): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const { label, signal, calls } of await allCalls(subject)) {
    const seen = new Set<string>();
    // Native addons are loaded when they are first needed, which is no I/O of the step.
    for (const { bytes, run } of calls) attempt(run, bytes.slice());
    for (const { bytes, run } of calls) for (const each of effectsOf(() => attempt(run, bytes.slice()))) seen.add(each);
    if (seen.size === 0) continue;
    const remedy =
      'leave I/O and timers to the other half, or to a stateful component: a step works on its batch alone';
    violations.push({ seen: `${label}, ${signal}: it ${[...seen].join(', and ')}`, remedy });
  }
  return violations;
}

async function inputUntouched(subject: Subject): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const { label, signal, calls } of await allCalls(subject)) {
    for (const { name, bytes, run } of calls) {
      const given = bytes.slice();
      attempt(run, given);
      const at = given.findIndex((byte, index) => byte !== bytes[index]);
      if (at < 0) continue;
      const remedy = 'change records through the views: the bytes belong to other branches, too';
      violations.push({ seen: `${label}, ${signal}, ${name}: it wrote to byte ${at} of its input`, remedy });
    }
  }
  return violations;
}

interface Calls {
  readonly label: string;
  readonly signal: Signal;
  readonly calls: readonly Call[];
}

async function allCalls(subject: Subject): Promise<readonly Calls[]> {
  const all: Calls[] = [];
  for (const entry of await subject.entries()) {
    for (const signal of entry.signals) {
      const calls = await callsOf(subject, entry, signal);
      if (calls.length > 0) all.push({ label: entry.label, signal, calls });
    }
  }
  return all;
}

async function callsOf(subject: Subject, entry: Entry, signal: Signal): Promise<readonly Call[]> {
  const { definition, options } = subject;
  const { config } = entry;
  const tools = new FakeStepTools();
  const onSamples = (run: (batch: OpenBatch) => unknown) =>
    samplesOf(signal).map(({ name, bytes }) => ({
      name: `the ${name} sample`,
      bytes,
      run: (given: Uint8Array) => run(openBatch(signal, given)),
    }));
  switch (definition.kind) {
    case 'receiver': {
      const decoder = definition.decoder?.(config, tools);
      if (decoder === undefined) return [];
      const payloads = (await payloadsOf(subject)).filter((payload) => payload.signal === signal);
      return payloads.map(({ body, form }, index) => ({
        name: `payload ${index + 1}`,
        bytes: body,
        run: (given) => decoder.decode(signal, given, form),
      }));
    }
    case 'processor': {
      const transform = definition.create?.(config, tools);
      return onSamples((batch) => {
        transform?.[signal]?.(batch as never);
        // Reading the chunks commits the edits.
        return batch.chunks;
      });
    }
    case 'exporter': {
      const encoder = definition.encoder?.(config, tools);
      return encoder === undefined ? [] : onSamples((batch) => encoder.encode(batch));
    }
    case 'connector': {
      const junction = definition.create?.(config, tools);
      const targets = definition.routes.filter(({ from }) => from === signal);
      const pipelines = targets.flatMap(({ to }) => receivingOf(options.receiving, entry.id, to));
      const out: ConnectorOutput = { pipelines, emit: (batch) => void batch.chunks };
      return onSamples((batch) => junction?.[signal]?.(batch as never, out));
    }
    case 'extension':
      return [];
  }
}

/** That it copes with every input is the business of other rules. */
function attempt(run: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  try {
    run(bytes);
  } catch {
    // See above.
  }
}

/** Synchronous I/O, by module and the beginning of its functions' names. */
const SYNC_IO = [
  { name: 'fs', module: fs, functions: /Sync$/ },
  { name: 'child_process', module: childProcess, functions: /^(?:exec|spawn|fork)/ },
] as const;

/**
 * Resources of asynchronous work: timers, files, sockets, processes, threads. Not those of crypto and zlib, which their synchronous
 * functions make as well; nor promises, which tell nothing by themselves.
 */
const LATER =
  /^(?:Timeout|Immediate|TickObject|Microtask|FSREQ|FILEHANDLE|FSEVENT|STATWATCHER|TCP|TLS|PIPE|UDP|GETADDRINFO|GETNAMEINFO|QUERY|HTTP|PROCESS|WORKER|MESSAGEPORT|TTY|SIGNAL)/;

/** What some work does besides computing. */
function effectsOf(work: () => void): readonly string[] {
  const effects: string[] = [];
  const restore = watchSyncIo((name) => effects.push(`calls ${name}`));
  const hook = createHook({
    init(_id, type) {
      if (LATER.test(type)) effects.push(`starts something asynchronous (${type})`);
    },
  });
  hook.enable();
  try {
    work();
  } finally {
    hook.disable();
    restore();
  }
  return effects;
}

/** Puts itself in front of synchronous I/O; the result takes it away again. */
function watchSyncIo(onCall: (name: string) => void): () => void {
  const originals: (() => void)[] = [];
  for (const { name, module, functions } of SYNC_IO) {
    const record = module as unknown as Record<string, unknown>;
    for (const [key, original] of Object.entries(record)) {
      if (typeof original !== 'function' || !functions.test(key)) continue;
      record[key] = (...args: unknown[]): unknown => {
        onCall(`${name}.${key}`);
        return Reflect.apply(original, record, args);
      };
      originals.push(() => (record[key] = original));
    }
  }
  syncBuiltinESMExports();
  return () => {
    for (const restore of originals) restore();
    syncBuiltinESMExports();
  };
}
