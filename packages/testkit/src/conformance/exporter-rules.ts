import { DeliveryError, isRetryable, messageOf, type Signal } from '@millrace/api';
import { collectorOf } from '../collector-of.ts';
import { SeededRandom } from '../seeded-random.ts';
import { idsIn, taggedRequest } from '../tagged-items.ts';
import type { Destination, ExporterEnvironment } from './options.ts';
import type { Rule, Violation } from './rule.ts';
import type { Subject } from './subject.ts';
import { doubledIn, IdTally, inventedIn, listIds, lostOf } from './tally.ts';

const REQUESTS = 24;
const ATTEMPTS_MAX = 30;

/** What an exporter owes to the pipeline; the test brings the destination (`options.exporter`). */
export const EXPORTER_RULES: readonly Rule[] = [
  {
    id: 'accounting/exporter',
    says: 'what an exporter acknowledges has arrived, and nothing arrives twice without cause',
    appliesTo: ({ options, definition }) => definition.kind === 'exporter' && options.exporter !== undefined,
    check: (subject) => eachSignal(subject, 'calm'),
  },
  {
    id: 'accounting/exporter-storm',
    says: 'when the destination refuses at random, the sender is told, and nothing is lost or doubled without cause',
    appliesTo: ({ options, definition }) => definition.kind === 'exporter' && options.exporter !== undefined,
    check: (subject) => eachSignal(subject, 'storm'),
  },
];

async function eachSignal(subject: Subject, weather: 'calm' | 'storm'): Promise<readonly Violation[]> {
  const environment = subject.options.exporter as ExporterEnvironment;
  const violations: Violation[] = [];
  const { signals } = subject.definition as { readonly signals: readonly Signal[] };
  for (const signal of signals) {
    const destination = await environment.open();
    try {
      if (weather === 'storm' && destination.respond === undefined) continue;
      const found = await play(subject, destination, { signal, weather });
      violations.push(...found.map(({ seen, remedy }) => ({ seen: `${signal}: ${seen}`, remedy })));
    } finally {
      await destination.close();
    }
  }
  return violations;
}

async function play(
  subject: Subject,
  destination: Destination,
  { signal, weather }: { readonly signal: Signal; readonly weather: 'calm' | 'storm' },
): Promise<readonly Violation[]> {
  const random = new SeededRandom(subject.seed);
  const yaml = subject.wire(destination.config, [signal]);
  const collector = await collectorOf(yaml, { registry: subject.registry });
  const acts = Array.from({ length: REQUESTS * 2 }, () =>
    random.pick(['accept', 'accept', 'retryable', 'permanent'] as const),
  );
  if (weather === 'storm') destination.respond?.(acts);
  const safe = collector.collector.pipelines.every(({ guarantee }) => guarantee === 'safe');
  const sent = new IdTally();
  const accepted: number[] = [];
  const refused: number[] = [];
  const errors: unknown[] = [];
  for (let index = 0; index < REQUESTS; index++) {
    const ids = Array.from({ length: random.between(1, 5) }, (_, item) => index * 10 + item);
    const request = taggedRequest(signal, ids);
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      sent.add(ids);
      const error: unknown = await collector
        .in()
        .send(signal, request)
        .then(
          () => undefined,
          (reason: unknown) => reason,
        );
      if (error === undefined) accepted.push(...ids);
      else errors.push(error);
      if (error !== undefined && isRetryable(error)) continue;
      if (error !== undefined) refused.push(...ids);
      break;
    }
  }
  const early = safe ? await idsAt(destination, signal) : undefined;
  const { leftItems } = await collector.shutdown();
  const arrived = new IdTally().add(await idsAt(destination, signal));
  const violations = [...told(errors, weather)];
  const unsafe = early === undefined ? [] : lostOf(accepted, new IdTally().add(early));
  if (unsafe.length > 0) {
    const seen = `${listIds(unsafe)} items were acknowledged as safe before they had arrived`;
    violations.push({ seen, remedy: 'resolve send() when the destination has the data, or say guarantee: "memory"' });
  }
  const lost = lostOf(accepted, arrived);
  if (lost.length > leftItems) {
    violations.push({
      seen: `${listIds(lost)} acknowledged items are lost`,
      remedy: 'flush in shutdown(); report failures',
    });
  }
  const partly = refused.filter((id) => arrived.of(id) > 0);
  if (partly.length > 0) {
    violations.push({
      seen: `${listIds(partly)} items arrived that were refused for good`,
      remedy: 'reject only what did not arrive',
    });
  }
  const odd = [...inventedIn(sent, arrived), ...doubledIn(sent, arrived)];
  if (odd.length > 0) {
    violations.push({
      seen: `${listIds(odd)} items arrived unsent, or more often than sent`,
      remedy: 'send each payload once',
    });
  }
  if (collector.bytesInFlight > 0) {
    violations.push({ seen: `${collector.bytesInFlight} bytes are held after the end`, remedy: 'settle every send()' });
  }
  return violations;
}

async function idsAt(destination: Destination, signal: Signal): Promise<readonly number[]> {
  const arrived = await destination.read();
  return arrived.filter((each) => each.signal === signal).flatMap(({ bytes }) => idsIn(signal, [bytes]));
}

function* told(errors: readonly unknown[], weather: 'calm' | 'storm'): Iterable<Violation> {
  if (weather === 'calm') {
    for (const error of errors.slice(0, 1)) {
      yield {
        seen: `${errors.length} refusals, such as: ${messageOf(error)}`,
        remedy: 'deliver what can be delivered',
      };
    }
    return;
  }
  const strange = errors.find((error) => !(error instanceof DeliveryError) || error.code === 'UNEXPECTED');
  if (strange !== undefined) {
    yield {
      seen: `a refusal became: ${messageOf(strange)}`,
      remedy: 'reject with retryable() or permanent() of @millrace/api',
    };
  }
}
