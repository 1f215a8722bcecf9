import type { Signal } from '@millrace/api';
import { samplesOf } from '../samples.ts';
import { type Ground, grindAll, planOf } from './mill-bench.ts';
import { payloadsOf } from './payloads.ts';
import type { Rule, Violation } from './rule.ts';
import type { Entry, Subject } from './subject.ts';

/** Where pure code runs must not matter. */
export const PLACEMENT_RULES: readonly Rule[] = [
  {
    id: 'placement/same-bytes',
    says: 'pure halves make the same bytes inline and in a worker, and again the second time',
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

function hasPureHalf({ definition }: Subject): boolean {
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

const DETERMINISM =
  'pure halves may depend on the batch and the config only: no thread, clock, randomness or memory of earlier batches';

async function sameBytes(subject: Subject): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  let isEverRandom = false;
  for (const entry of await subject.entries()) {
    for (const signal of entry.signals) {
      const plan = planOf(subject, entry, signal);
      if (plan === undefined) continue;
      const inputs = await inputsOf(subject, signal);
      const inline = await grindAll(plan, 0, inputs);
      const rounds = {
        'in a worker': await grindAll(plan, 1, inputs),
        'the second time': await grindAll(plan, 0, inputs),
      };
      for (const [where, other] of Object.entries(rounds)) {
        for (const [index, { name }] of inputs.entries()) {
          isEverRandom ||= bytesDifferAt(inline[index].chunks, other[index].chunks) !== undefined;
          const difference = await differenceOf(subject, signal, inline[index], other[index]);
          if (difference === undefined) continue;
          const seen = `${entry.label}, ${signal}, ${name}: ${difference} ${where}`;
          violations.push({ seen, remedy: DETERMINISM });
        }
      }
    }
  }
  if (subject.options.comparable !== undefined && !isEverRandom) {
    const remedy = 'remove the option: it would only hide differences that come later';
    violations.push({ seen: 'the option "comparable" is set, and the output is always the same', remedy });
  }
  return violations;
}

async function untouched(subject: Subject): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const yaml of subject.ownOf(subject.options.untouched)) {
    const entry: Entry = await subject.read(yaml, yaml);
    for (const signal of entry.signals) {
      const plan = planOf(subject, entry, signal);
      if (plan === undefined) continue;
      const inputs = await inputsOf(subject, signal);
      const ground = await grindAll(plan, 0, inputs);
      inputs.forEach(({ name, bytes }, index) => {
        const { chunks, error } = ground[index];
        if (error === undefined && chunks.length === 1 && Buffer.compare(chunks[0], bytes) === 0) return;
        const seen = `${yaml}, ${signal}, ${name}: ${error ?? 'other bytes came out than went in'}`;
        violations.push({ seen, remedy: 'change only what has to change: views leave the rest as it is' });
      });
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
