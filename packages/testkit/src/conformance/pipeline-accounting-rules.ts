import { isRetryable, messageOf, type Signal } from '@millrace/api';
import { collectorOf, type TestCollector } from '../collector-of.ts';
import { ManualClock } from '../manual-clock.ts';
import { samplesOf } from '../samples.ts';
import { accept, refuseForNow, refusePermanently } from '../scripted-sink.ts';
import { SeededRandom } from '../seeded-random.ts';
import { idsIn, taggedRequest } from '../tagged-items.ts';
import { drive } from './drive.ts';
import type { Rule, Violation } from './rule.ts';
import type { Entry, Subject } from './subject.ts';
import { doubledIn, IdTally, inventedIn, listIds, lostOf } from './tally.ts';

/** What goes through processors and connectors, in a real collector, is what went in. */
export const PIPELINE_ACCOUNTING_RULES: readonly Rule[] = [
  {
    id: 'accounting/calm',
    says: 'while all goes well, every item comes out once or is counted as dropped, and nothing else comes out',
    appliesTo: isInTheMiddle,
    check: (subject) => onEach(subject, calm),
  },
  {
    id: 'accounting/storm',
    says: 'when exporters refuse at random, nothing acknowledged is lost, and nothing is doubled without a cause',
    appliesTo: isInTheMiddle,
    check: (subject) => onEach(subject, storm),
  },
];

/** A connector counts only where it gives what it takes; what it makes of other signals is its own. */
export function isInTheMiddle({ definition }: Subject): boolean {
  if (definition.kind === 'connector') return definition.routes.every(({ from, to }) => from === to);
  return definition.kind === 'processor';
}

async function onEach(
  subject: Subject,
  play: (bench: Bench, signal: Signal) => Promise<readonly Violation[]>,
): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const entry of await subject.entries()) {
    for (const signal of entry.signals) {
      const clock = new ManualClock();
      const yaml = subject.wire(entry.yaml, [signal]);
      const collector = await collectorOf(yaml, { registry: subject.registry, clock, metrics: true });
      const bench = { subject, entry, clock, collector, random: new SeededRandom(subject.seed) };
      const found = await play(bench, signal);
      violations.push(...found.map(({ seen, remedy }) => ({ seen: `${entry.label}, ${signal}: ${seen}`, remedy })));
    }
  }
  return violations;
}

interface Bench {
  readonly subject: Subject;
  readonly entry: Entry;
  readonly clock: ManualClock;
  readonly collector: TestCollector;
  readonly random: SeededRandom;
}

const REQUESTS = 30;

/** Requests of a few items each, and the odd samples. */
function requestsOf(signal: Signal, random: SeededRandom): Uint8Array[] {
  let next = 0;
  const requests: Uint8Array[] = [];
  for (let index = 0; index < REQUESTS; index++) {
    const count = random.between(1, 6);
    requests.push(
      taggedRequest(
        signal,
        Array.from({ length: count }, () => next++),
      ),
    );
  }
  return [...requests, ...samplesOf(signal, next).map(({ bytes }) => bytes)];
}

/** Tries each request until it is accepted or refused for good; tells how often each id was sent, and what was accepted. */
async function sendAll({ collector, clock, random }: Bench, signal: Signal) {
  const sent = new IdTally();
  const accepted: number[] = [];
  const refused: string[] = [];
  const persist = async (request: Uint8Array) => {
    const ids = idsIn(signal, [request]);
    for (let attempt = 0; attempt < 50; attempt++) {
      sent.add(ids);
      try {
        await collector.in().send(signal, request);
        accepted.push(...ids);
        return;
      } catch (error) {
        if (isRetryable(error)) continue;
        refused.push(messageOf(error));
        return;
      }
    }
  };
  const all: Promise<void>[] = [];
  for (const request of requestsOf(signal, random)) {
    all.push(persist(request));
    if (random.chance(0.5)) await clock.settle();
    if (random.chance(0.2)) await clock.advance(random.between(1, 400));
  }
  await drive(clock, Promise.all(all), 'senders were never answered');
  return { sent, accepted, refused };
}

async function calm(bench: Bench, signal: Signal): Promise<readonly Violation[]> {
  const { collector, clock } = bench;
  const { sent, accepted, refused } = await sendAll(bench, signal);
  const dropped = droppedIn(bench.subject, await collector.metrics());
  await drive(clock, collector.shutdown(), 'the collector did not stop');
  const arrived = new IdTally().add(collector.out().ids(signal));
  const violations = [...oddities(sent, arrived)];
  for (const message of new Set(refused)) {
    violations.push({ seen: `refused what it should take: ${message}`, remedy: 'cope with every valid batch' });
  }
  const lost = lostOf(accepted, arrived);
  if (lost.length !== dropped) {
    const seen = `${listIds(lost)} items were accepted and did not come out; ${dropped} were counted as dropped`;
    violations.push({
      seen,
      remedy: 'pass on what is not meant to be dropped, and count the rest (processor_dropped_items)',
    });
  }
  violations.push(...inFlight(collector));
  return violations;
}

async function storm(bench: Bench, signal: Signal): Promise<readonly Violation[]> {
  const { collector, clock, random } = bench;
  const out = collector.out();
  out.otherwise = (payload) =>
    random.pick([accept, accept, accept, refuseForNow, refuseForNow, refusePermanently])(payload);
  const { sent, accepted } = await sendAll(bench, signal);
  out.otherwise = accept;
  const dropped = droppedIn(bench.subject, await collector.metrics());
  await drive(clock, collector.shutdown(), 'the collector did not stop');
  const arrived = new IdTally().add(out.ids(signal));
  const lost = lostOf(accepted, arrived);
  const violations = [...oddities(sent, arrived)];
  if (lost.length > dropped) {
    const seen = `${listIds(lost)} items were acknowledged and never delivered; ${dropped} were counted as dropped`;
    violations.push({ seen, remedy: 'resolve consume() only when next() has resolved for all of its items' });
  }
  violations.push(...inFlight(collector));
  return violations;
}

function* oddities(sent: IdTally, arrived: IdTally): Iterable<Violation> {
  const invented = inventedIn(sent, arrived);
  if (invented.length > 0) {
    yield {
      seen: `${listIds(invented)} items came out that nobody sent`,
      remedy: 'pass on what came in, and nothing else',
    };
  }
  const doubled = doubledIn(sent, arrived);
  if (doubled.length > 0) {
    yield {
      seen: `${listIds(doubled)} items came out more often than they were sent`,
      remedy: 'pass each batch on once',
    };
  }
}

function* inFlight(collector: TestCollector): Iterable<Violation> {
  const bytes = collector.bytesInFlight;
  if (bytes === 0) return;
  yield { seen: `${bytes} bytes are held after the end`, remedy: 'release every batch once, or hand it on' };
}

/**
 * Items dropped on purpose. A pure step can lose nothing but what it drops, which the engine counts; whoever holds data
 * counts what it drops itself.
 */
export function droppedIn({ definition }: Subject, metrics: ReadonlyMap<string, number>): number {
  const isPure = definition.kind === 'processor' && definition.create !== undefined;
  let dropped = 0;
  for (const [name, value] of metrics) {
    if (isPure && /^otelcol_processor_incoming_items\b/.test(name)) dropped += value;
    else if (isPure && /^otelcol_processor_outgoing_items\b/.test(name)) dropped -= value;
    else if (/^otelcol_processor_\w*(?:dropped|discarded)\w*/.test(name)) dropped += value;
  }
  return Math.max(0, dropped);
}
