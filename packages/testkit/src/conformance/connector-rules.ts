import { type ConnectorDefinition, isRetryable } from '@millrace/api';
import { FakeConnectorHost } from '../fake-connector-host.ts';
import { SeededRandom } from '../seeded-random.ts';
import { drive } from './drive.ts';
import type { Rule, Violation } from './rule.ts';
import { answerAtRandom, answeredOnce, type Given, give, releasedOnce } from './senders.ts';
import type { Entry, Subject } from './subject.ts';
import { doubledIn, IdTally, inventedIn, listIds } from './tally.ts';
import { receivingOf } from './wiring.ts';

/** What a stateful connector owes to those who gave it something, on a host that refuses at random. */
export const CONNECTOR_RULES: readonly Rule[] = [
  {
    id: 'accounting/connector',
    says: 'a stateful connector answers each batch once and truthfully, and releases it once',
    appliesTo: ({ definition }) => definition.kind === 'connector' && definition.stateful !== undefined,
    check: checkAll,
  },
];

type StatefulHalf = NonNullable<ConnectorDefinition['stateful']>;

async function checkAll(subject: Subject): Promise<readonly Violation[]> {
  const { definition } = subject;
  if (definition.kind !== 'connector' || definition.stateful === undefined) return [];
  const violations: Violation[] = [];
  for (const entry of await subject.entries()) {
    for (const { from, to } of definition.routes.filter((route) => entry.signals.includes(route.from))) {
      const pipelines = receivingOf(subject.options.receiving, entry.id, to);
      const host = new FakeConnectorHost({ from, to, pipelines });
      const found = await play(definition.stateful, entry, { host, seed: subject.seed });
      const where = `${entry.label}, ${from} to ${to}`;
      violations.push(...found.map(({ seen, remedy }) => ({ seen: `${where}: ${seen}`, remedy })));
    }
  }
  return violations;
}

const BATCHES = 40;

async function play(
  stateful: StatefulHalf,
  { config }: Entry,
  { host, seed }: { readonly host: FakeConnectorHost; readonly seed: number },
): Promise<readonly Violation[]> {
  const random = new SeededRandom(seed);
  const isPassedOn = stateful.acknowledges === 'delivered';
  // Where nobody waits any more, the engine asks again by itself what was refused for now.
  host.answer = () =>
    answerAtRandom(host, random).catch((error: unknown) => {
      if (isPassedOn || !isRetryable(error)) throw error;
    });
  const connector = stateful.create(config, host);
  await connector.start?.();
  const given: Given[] = [];
  for (let index = 0; index < BATCHES; index++) {
    given.push(give(connector, host, { random, first: index * 10 }));
    if (random.chance(0.3)) await host.manualClock.advance(random.between(1, 500));
  }
  const ending = connector.shutdown();
  // Senders that had been admitted before may still come.
  given.push(give(connector, host, { random, first: BATCHES * 10 }));
  await drive(host.manualClock, ending, 'shutdown() never ended');
  await drive(host.manualClock, Promise.resolve(connector.settled?.()), 'settled() never ended');
  await host.manualClock.advance(60_000);
  const passesOn = isPassedOn && host.from === host.to;
  return [...answeredOnce(given), ...(passesOn ? passedOn(given, host) : []), ...releasedOnce(host)];
}

/** For connectors whose output is their input. */
function* passedOn(given: readonly Given[], host: FakeConnectorHost): Iterable<Violation> {
  const sent = new IdTally().add(given.flatMap(({ ids }) => ids));
  const taken = new Set(host.taken());
  const untrue = given.filter((each) => each.accepted).flatMap(({ ids }) => ids.filter((id) => !taken.has(id)));
  if (untrue.length > 0) {
    const remedy = 'wait for next() before resolving consume(), and reject with its error';
    yield { seen: `${listIds(untrue)} items were acknowledged that no pipeline took`, remedy };
  }
  for (const pipeline of host.pipelines) {
    const arrived = new IdTally().add(host.taken(pipeline));
    const invented = inventedIn(sent, arrived);
    if (invented.length > 0) yield { seen: `${listIds(invented)} items nobody sent`, remedy: 'pass on what came in' };
    const doubled = doubledIn(sent, arrived);
    if (doubled.length > 0) {
      const remedy = 'pass nothing on again that a pipeline has taken';
      yield { seen: `"${pipeline}" took ${listIds(doubled)} items twice`, remedy };
    }
  }
  if (host.pipelines.length > 1) return;
  const refused = given.filter((each) => each.answers > 0 && !each.accepted);
  const whole = refused.filter(({ ids }) => ids.every((id) => taken.has(id)));
  if (whole.length > 0) {
    const remedy = 'resolve consume() where all of a batch was taken: its sender would send it again';
    yield { seen: `${whole.length} batches were refused although all of them was taken`, remedy };
  }
}
