import type { Signal } from '@millrace/api';
import { samplesOf } from '../samples.ts';
import { type Ground, grindAll, planOf, type Work } from './mill-bench.ts';
import { payloadsOf } from './payloads.ts';
import type { Rule, Violation } from './rule.ts';
import type { Entry, Subject } from './subject.ts';

/** Where pure code runs must not matter. */
export const PLACEMENT_RULES: readonly Rule[] = [
  {
    id: 'placement/same-bytes',
    says: 'pure halves make the same bytes inline and in a worker, and again the second time, whatever came before',
    appliesTo: hasPureHalf,
    check: sameBytes,
  },
  {
    id: 'placement/untouched',
    says: 'what a config does not change stays the same, byte for byte',
    appliesTo: (subject) => subject.ownOf(subject.options.untouched).length > 0,
    check: untouched,
  },
];

/** Whether some of it runs on workers. */
export function hasPureHalf({ definition }: Subject): boolean {
  if (definition.kind === 'receiver') return definition.decoder !== undefined;
  if (definition.kind === 'exporter') return definition.encoder !== undefined;
  if (definition.kind === 'processor') return definition.create !== undefined;
  return definition.kind === 'connector' && definition.create !== undefined;
}

interface Input {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly form?: unknown;
}

async function inputsOf(subject: Subject, signal: Signal): Promise<readonly Input[]> {
  if (subject.definition.kind !== 'receiver') {
    return samplesOf(signal).map(({ name, bytes }) => ({ name: `the ${name} sample`, bytes }));
  }
  const payloads = (await payloadsOf(subject)).filter((payload) => payload.signal === signal);
  return payloads.map(({ body, form }, index) => ({ name: `payload ${index + 1}`, bytes: body, form }));
}

interface PureHalf extends Work {
  readonly entry: Entry;
  readonly signal: Signal;
}

/** What every pure half of the entries has to do, for every signal. */
async function worksOf(subject: Subject, entries: readonly Entry[]): Promise<readonly PureHalf[]> {
  const works: PureHalf[] = [];
  for (const entry of entries) {
    for (const signal of entry.signals) {
      const plan = planOf(subject, entry, signal);
      if (plan !== undefined) works.push({ entry, signal, plan, inputs: await inputsOf(subject, signal) });
    }
  }
  return works;
}

const DETERMINISM =
  'pure halves may depend on the batch and the config only: no thread, clock, randomness or memory of earlier batches';

async function sameBytes(subject: Subject): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  let isEverRandom = false;
  const works = await worksOf(subject, await subject.entries());
  const inline = await grindAll(works, 0);
  const rounds = {
    'in a worker': await grindAll(works, 1),
    'the second time': await grindAll(works, 0),
    'after other batches': await grindBackwards(works),
  };
  for (const [where, others] of Object.entries(rounds)) {
    for (const [at, { entry, signal, inputs }] of works.entries()) {
      for (const [index, { name }] of inputs.entries()) {
        const [one, other] = [inline[at][index], others[at][index]];
        isEverRandom ||= bytesDifferAt(one.chunks, other.chunks) !== undefined;
        const difference = await differenceOf(subject, signal, one, other);
        if (difference === undefined) continue;
        const seen = `${entry.label}, ${signal}, ${name}: ${difference} ${where}`;
        violations.push({ seen, remedy: DETERMINISM });
      }
    }
  }
  if (subject.options.comparable !== undefined && !isEverRandom) {
    const remedy = 'remove the option: it would only hide differences that come later';
    violations.push({ seen: 'the option "comparable" is set, and the output is always the same', remedy });
  }
  return violations;
}

/** What a copy that lasts from batch to batch must not tell: each input comes after those that are behind it elsewhere. */
async function grindBackwards(works: readonly Work[]): Promise<readonly (readonly Ground[])[]> {
  const backwards = works.map(({ plan, inputs }) => ({ plan, inputs: inputs.toReversed() }));
  return (await grindAll(backwards, 0)).map((grounds) => grounds.toReversed());
}

async function untouched(subject: Subject): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  const entries: Entry[] = [];
  for (const yaml of subject.ownOf(subject.options.untouched)) entries.push(await subject.read(yaml, yaml));
  const works = await worksOf(subject, entries);
  const grounds = await grindAll(works, 0);
  for (const [at, { entry, inputs }] of works.entries()) {
    for (const [index, { name, bytes }] of inputs.entries()) {
      const { chunks, error } = grounds[at][index];
      if (error === undefined && chunks.length === 1 && Buffer.compare(chunks[0], bytes) === 0) continue;
      const seen = `${entry.label}, ${name}: ${error ?? 'other bytes came out than went in'}`;
      violations.push({ seen, remedy: 'change only what has to change: views leave the rest as it is' });
    }
  }
  return violations;
}

async function differenceOf(subject: Subject, signal: Signal, one: Ground, other: Ground): Promise<string | undefined> {
  if (one.error !== other.error) return `failed differently (${one.error ?? 'not'}, and ${other.error ?? 'not'})`;
  if (one.items !== other.items) return `made ${one.items} items, and ${other.items}`;
  const { comparable = (_: Signal, output: Uint8Array) => output } = subject.options;
  const [a, b] = [
    await comparable(signal, Buffer.concat(one.chunks)),
    await comparable(signal, Buffer.concat(other.chunks)),
  ];
  const at = bytesDifferAt([a], [b]);
  return at === undefined ? undefined : `made other bytes (from offset ${at} of ${a.length})`;
}

function bytesDifferAt(some: readonly Uint8Array[], others: readonly Uint8Array[]): number | undefined {
  const [a, b] = [Buffer.concat(some), Buffer.concat(others)];
  if (a.equals(b)) return undefined;
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at === -1 ? a.length : at;
}
