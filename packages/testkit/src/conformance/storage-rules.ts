import type { Signal } from '@millrace/api';
import { SimulatedFileSystem } from '@millrace/delivery/simulated-file-system';
import { LogsBatch } from '@millrace/otlp';
import { collectorOf, type TestCollector } from '../collector-of.ts';
import { ManualClock } from '../manual-clock.ts';
import { idsIn, taggedRequest } from '../tagged-items.ts';
import { drive } from './drive.ts';
import type { Destination, ExporterEnvironment, SourceEnvironment } from './options.ts';
import type { Rule, Violation } from './rule.ts';
import type { Subject } from './subject.ts';
import { IdTally, listIds, lostOf } from './tally.ts';
import { entryId } from './wiring.ts';

/** What components owe that stand beside a storage, when power is cut. The disk is simulated, the rest is real. */
export const STORAGE_RULES: readonly Rule[] = [
  {
    id: 'accounting/exporter-crash',
    says: 'what was acknowledged with a queue in a storage arrives, before a crash or after the next start',
    appliesTo: ({ definition, options }) =>
      definition.kind === 'exporter' && options.exporter !== undefined && hasStorage(definition.config),
    check: exporterCrashes,
  },
  {
    id: 'accounting/checkpoint',
    says: 'a receiver remembers how far it has read only when what it read was taken: after a crash it reads the rest again',
    appliesTo: ({ definition, options }) => definition.kind === 'receiver' && options.source !== undefined,
    check: sourceCrashes,
  },
];

const STORED = {
  sending_queue: { enabled: true, storage: 'test_storage', num_consumers: 2 },
  retry_on_failure: { enabled: true, max_elapsed_time: '0s' },
};
const WITH_STORAGE = { extensions: { test_storage: {} }, service: { extensions: ['test_storage'] } };
const REQUESTS = 12;
/** More refusals than a life can provoke. */
const REFUSALS = 1_000;
/** Longer than marks of what was delivered wait for company. */
const MARKS_MS = 1_000;
const STEP_MS = 100;
const STEPS_MAX = 600;

function hasStorage(schema: unknown): boolean {
  const { properties } = schema as { readonly properties?: Readonly<Record<string, unknown>> };
  const queue = properties?.['sending_queue'] as
    { readonly properties?: Readonly<Record<string, unknown>> } | undefined;
  return queue?.properties?.['storage'] !== undefined;
}

async function exporterCrashes(subject: Subject): Promise<readonly Violation[]> {
  const environment = subject.options.exporter as ExporterEnvironment;
  const { signals } = subject.definition as { readonly signals: readonly Signal[] };
  const violations: Violation[] = [];
  for (const weather of ['calm', 'storm'] as const) {
    for (const signal of signals) {
      const destinations = [await environment.open(), await environment.open()] as const;
      try {
        if (weather === 'storm' && destinations[0].respond === undefined) continue;
        const found = await exporterCrash(subject, destinations, { signal, weather });
        violations.push(...found.map(({ seen, remedy }) => ({ seen: `${signal}: ${seen}`, remedy })));
      } finally {
        for (const destination of destinations) await destination.close();
      }
    }
  }
  return violations;
}

/** Two lives on one disk, each with a destination of its own; in a storm the first one takes nothing. */
async function exporterCrash(
  subject: Subject,
  [before, after]: readonly [Destination, Destination],
  { signal, weather }: { readonly signal: Signal; readonly weather: 'calm' | 'storm' },
): Promise<readonly Violation[]> {
  const disk = new SimulatedFileSystem({ seed: subject.seed });
  const clock = new ManualClock();
  if (weather === 'storm') before.respond?.(Array.from({ length: REFUSALS }, () => 'retryable' as const));
  const live = (destination: Destination) => {
    const exporters = { [entryId(destination.config)]: STORED };
    const yaml = subject.wire(destination.config, [signal]);
    return collectorOf(yaml, { registry: subject.registry, disk, clock, overrides: { ...WITH_STORAGE, exporters } });
  };
  const first = await live(before);
  const acknowledged: number[] = [];
  for (let request = 0; request < REQUESTS; request++) {
    const ids = [request * 2, request * 2 + 1];
    await first.in().send(signal, taggedRequest(signal, ids));
    acknowledged.push(...ids);
  }
  if (weather === 'calm') await emptied(first, clock);
  await clock.advance(MARKS_MS);
  disk.crash();
  const second = await live(after);
  await drive(clock, emptied(second, clock), 'what was stored is not delivered after the next start');
  const arrived = new IdTally();
  for (const destination of [before, after]) {
    for (const payload of await destination.read()) {
      if (payload.signal === signal) arrived.add(idsIn(signal, [payload.bytes]));
    }
  }
  // Only now: what the dead one still does must not count.
  for (const collector of [second, first]) {
    await drive(clock, collector.shutdown(), 'the collector did not stop');
  }
  const lost = lostOf(acknowledged, arrived);
  if (lost.length === 0) return [];
  const remedy =
    'resolve send() when the destination has the data, and not before; what you keep in memory dies with you';
  return [{ seen: `${listIds(lost)} acknowledged items are lost in a crash`, remedy }];
}

/** Waits for the outside, in real time; timers of the collector are the clock's. */
async function emptied(collector: TestCollector, clock: ManualClock): Promise<void> {
  for (let step = 0; step < STEPS_MAX && collector.collector.snapshot().queued > 0; step++) {
    await new Promise((resolve) => void setTimeout(resolve, 5));
    await clock.settle();
  }
}

async function sourceCrashes(subject: Subject): Promise<readonly Violation[]> {
  const environment = subject.options.source as SourceEnvironment;
  const violations: Violation[] = [];
  // However much is taken before the crash.
  for (const taken of [0, 1, 3]) {
    const source = await environment.open();
    try {
      violations.push(...(await sourceCrash(subject, source, taken)));
    } finally {
      await source.close();
    }
  }
  return violations;
}

async function sourceCrash(
  subject: Subject,
  { config, bodies }: Awaited<ReturnType<SourceEnvironment['open']>>,
  taken: number,
): Promise<readonly Violation[]> {
  const disk = new SimulatedFileSystem({ seed: subject.seed });
  const clock = new ManualClock();
  const yaml = subject.wire(config, ['logs']);
  const live = () =>
    collectorOf(yaml, { registry: subject.registry, disk, clock, overrides: WITH_STORAGE, start: false });
  const first = await live();
  const out = first.out();
  out.script.push(...Array.from({ length: taken }, () => () => Promise.resolve()));
  out.otherwise = ({ abort }) =>
    new Promise((_, reject) => abort.addEventListener('abort', () => reject(new Error('aborted'))));
  await first.collector.start();
  for (let step = 0; step < STEPS_MAX && out.open === 0; step++) await clock.advance(STEP_MS);
  // Whatever it wants to remember by now, it may.
  await clock.advance(MARKS_MS);
  disk.crash();
  const early = bodiesOf(first);
  const second = await live();
  await second.collector.start();
  const missing = () => {
    const arrived = new Set([...early, ...bodiesOf(second)]);
    return bodies.filter((body) => !arrived.has(body));
  };
  for (let step = 0; step < STEPS_MAX && missing().length > 0; step++) await clock.advance(STEP_MS);
  const lost = missing();
  for (const collector of [second, first]) {
    await drive(clock, collector.shutdown(), 'the collector did not stop');
  }
  if (lost.length === 0) return [];
  const seen = `after a crash with ${taken} requests taken, ${lost.length} items never came, such as ${JSON.stringify(lost[0])}`;
  return [{ seen, remedy: 'set the checkpoint after consume() has resolved for what lies before it' }];
}

function bodiesOf(collector: TestCollector): readonly string[] {
  const found: string[] = [];
  for (const { bytes } of collector.out().accepted) {
    for (const { body } of LogsBatch.of([bytes]).records) if (typeof body === 'string') found.push(body);
  }
  return found;
}
