import type { Signal } from '@millrace/api';
import { FakeStatefulHost } from '../fake-stateful-host.ts';
import { SeededRandom } from '../seeded-random.ts';
import { drive } from './drive.ts';
import type { Rule, Violation } from './rule.ts';
import { answerAtRandom, answeredOnce, type Given, give, releasedOnce } from './senders.ts';
import type { Entry, Subject } from './subject.ts';
import { doubledIn, IdTally, inventedIn, listIds } from './tally.ts';

/** What a stateful processor owes to those who gave it something, on a host that refuses at random. */
export const STATEFUL_RULES: readonly Rule[] = [
  {
    id: 'accounting/stateful',
    says: 'a stateful processor answers each batch once and truthfully, releases it once, and holds nothing back',
    appliesTo: ({ definition }) => definition.kind === 'processor' && definition.stateful !== undefined,
    check: checkAll,
  },
];

async function checkAll(subject: Subject): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const entry of await subject.entries()) {
    for (const signal of entry.signals) {
      for (const guarantee of ['safe', 'memory'] as const) {
        const found = await play(subject, entry, { signal, guarantee });
        const where = `${entry.label}, ${signal}, in front of a ${guarantee} destination`;
        violations.push(...found.map(({ seen, remedy }) => ({ seen: `${where}: ${seen}`, remedy })));
      }
    }
  }
  return violations;
}

const BATCHES = 40;

async function play(
  subject: Subject,
  { config }: Entry,
  options: { readonly signal: Signal; readonly guarantee: 'memory' | 'safe' },
): Promise<readonly Violation[]> {
  const { definition } = subject;
  if (definition.kind !== 'processor' || definition.stateful === undefined) return [];
  const random = new SeededRandom(subject.seed);
  const host = new FakeStatefulHost(options);
  host.answer = () => answerAtRandom(host, random);
  const processor = definition.stateful.create(config, host);
  await processor.start?.();
  const given: Given[] = [];
  for (let index = 0; index < BATCHES; index++) {
    given.push(give(processor, host, { random, first: index * 10 }));
    if (random.chance(0.3)) await host.manualClock.advance(random.between(1, 500));
  }
  const ending = Promise.resolve(processor.shutdown());
  // Senders that had been admitted before may still come.
  given.push(give(processor, host, { random, first: BATCHES * 10 }));
  await drive(host.manualClock, ending, 'shutdown() never ended');
  await host.manualClock.advance(60_000);
  return [...answeredOnce(given), ...answers(given, host), ...movement(given, host), ...releasedOnce(host)];
}

function* answers(given: readonly Given[], host: FakeStatefulHost): Iterable<Violation> {
  const passed = new Set(host.passed.flatMap(({ ids }) => ids));
  const taken = new Set(host.taken);
  const accepted = given.filter((each) => each.accepted).flatMap(({ ids }) => ids);
  if (host.guarantee === 'safe') {
    const untrue = accepted.filter((id) => passed.has(id) && !taken.has(id));
    if (untrue.length > 0) {
      const remedy = 'wait for next() before resolving consume(), and reject with its error';
      yield { seen: `${listIds(untrue)} items were acknowledged although next() refused them`, remedy };
    }
  }
  const refused = given.filter((each) => each.answers > 0 && !each.accepted);
  const whole = refused.filter(({ ids }) => ids.every((id) => taken.has(id)));
  if (whole.length > 0) {
    const remedy = 'resolve consume() where all of a batch was taken: its sender would send it again';
    yield { seen: `${whole.length} batches were refused although all of them was taken`, remedy };
  }
}

function* movement(given: readonly Given[], host: FakeStatefulHost): Iterable<Violation> {
  const sent = new IdTally().add(given.flatMap(({ ids }) => ids));
  const taken = new IdTally().add(host.taken);
  const invented = inventedIn(sent, taken);
  if (invented.length > 0) yield { seen: `${listIds(invented)} items nobody sent`, remedy: 'pass on what came in' };
  const doubled = doubledIn(sent, taken);
  if (doubled.length > 0) {
    yield { seen: `${listIds(doubled)} items were taken twice`, remedy: 'pass nothing on again that next() has taken' };
  }
  const passed = new Set(host.passed.flatMap(({ ids }) => ids));
  const accepted = given.filter((each) => each.accepted).flatMap(({ ids }) => ids);
  const held = accepted.filter((id) => !passed.has(id));
  const counted = host.recordedTelemetry.sum(/dropped|discarded/);
  if (held.length > counted) {
    const seen = `${listIds(held)} items were accepted and never passed on; ${counted} were counted as dropped`;
    yield { seen, remedy: 'pass on in shutdown() what is held, and count what is dropped (processor_dropped_items)' };
  }
  const untold = accepted.filter((id) => passed.has(id) && taken.of(id) === 0).length;
  const told = counted + host.recordedLog.sum('error', 'items');
  if (host.guarantee === 'memory' && untold > told) {
    const seen = `${untold} accepted items were given up; ${told} were counted or logged`;
    yield { seen, remedy: 'count what is given up, or log it as an error with the field "items"' };
  }
}
