import type { Signal } from '@millrace/api';
import { collectorOf, type TestCollector } from '../collector-of.ts';
import { type SinkAct, accept, refuseForNow, refusePermanently } from '../scripted-sink.ts';
import { SeededRandom } from '../seeded-random.ts';
import { idsIn, taggedRequest } from '../tagged-items.ts';
import type { Answer, ReceiverEnvironment } from './options.ts';
import type { Rule, Violation } from './rule.ts';
import type { Subject } from './subject.ts';
import { doubledIn, IdTally, inventedIn, listIds, lostOf } from './tally.ts';

/** What a receiver owes to its senders; the test brings them (`options.receiver`). */
export const RECEIVER_RULES: readonly Rule[] = [
  {
    id: 'accounting/receiver',
    says: 'what a receiver acknowledges was delivered, and what it refuses was not delivered in part',
    appliesTo: hasSender,
    check: (subject) => withSender(subject, accounting),
  },
  {
    id: 'pressure/receiver',
    says: 'while the destination stalls, a receiver keeps within the memory budget and has senders try again later',
    appliesTo: hasSender,
    check: (subject) => withSender(subject, pressure),
  },
];

function hasSender(subject: Subject): boolean {
  return subject.definition.kind === 'receiver' && environmentsOf(subject).length > 0;
}

function environmentsOf(subject: Subject): readonly ReceiverEnvironment[] {
  const environments = [subject.options.receiver ?? []].flat();
  return environments.filter(({ config }) => subject.ownOf([config]).length > 0);
}

type Play = (bench: Bench) => Promise<readonly Violation[]>;

interface Bench {
  readonly subject: Subject;
  readonly signals: readonly Signal[];
  readonly collector: TestCollector;
  readonly send: (signal: Signal, request: Uint8Array) => Promise<Answer>;
  readonly end: () => Promise<unknown>;
}

const BUDGET_BYTES = 1024 * 1024;

async function withSender(subject: Subject, play: Play): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const environment of environmentsOf(subject)) {
    const found = await withOne(subject, environment, play);
    violations.push(...found.map(({ seen, remedy }) => ({ seen: `${environment.config}: ${seen}`, remedy })));
  }
  return violations;
}

async function withOne(subject: Subject, environment: ReceiverEnvironment, play: Play): Promise<readonly Violation[]> {
  const { config } = environment;
  const { signals } = await subject.read('options.receiver.config', config);
  const yaml = subject.wire(config, signals, { bytes_in_flight_max: BUDGET_BYTES });
  const collector = await collectorOf(yaml, { registry: subject.registry });
  const sender = await environment.open(collector.collector.announcements.map(({ place }) => place));
  const end = () => Promise.all([collector.shutdown(), sender.close()]);
  const violations = [
    ...(await play({ subject, signals, collector, send: (...request) => sender.send(...request), end })),
  ];
  const left = collector.bytesInFlight;
  if (left > 0)
    violations.push({ seen: `${left} bytes are held after the end`, remedy: 'release bodies not consumed' });
  return violations;
}

async function accounting({ subject, signals, collector, send, end }: Bench): Promise<readonly Violation[]> {
  const random = new SeededRandom(subject.seed);
  const out = collector.out();
  out.otherwise = (payload) => random.pick<SinkAct>([accept, accept, refuseForNow, refusePermanently])(payload);
  const violations: Violation[] = [];
  for (const signal of signals) {
    const sent = new IdTally();
    const answers: { readonly ids: readonly number[]; readonly answer: Answer }[] = [];
    const requests = Array.from({ length: 24 }, (_, index) => {
      const ids = Array.from({ length: random.between(1, 5) }, (__, item) => index * 10 + item);
      sent.add(ids);
      return { ids, request: taggedRequest(signal, ids) };
    });
    // Some of them at once, so that they share grinds and destinations' answers.
    for (let at = 0; at < requests.length; at += 4) {
      const group = requests.slice(at, at + 4);
      const got = await Promise.all(
        group.map(async ({ ids, request }) => ({ ids, answer: await send(signal, request) })),
      );
      answers.push(...got);
    }
    const arrived = new IdTally().add(
      out.accepted.filter((each) => each.signal === signal).flatMap(({ bytes }) => idsIn(signal, [bytes])),
    );
    violations.push(
      ...judgeAnswers(answers, sent, arrived).map(({ seen, remedy }) => ({ seen: `${signal}: ${seen}`, remedy })),
    );
  }
  await end();
  return violations;
}

function judgeAnswers(
  answers: readonly { readonly ids: readonly number[]; readonly answer: Answer }[],
  sent: IdTally,
  arrived: IdTally,
): Violation[] {
  const violations: Violation[] = [];
  const [invented, doubled] = [inventedIn(sent, arrived), doubledIn(sent, arrived)];
  if (invented.length > 0)
    violations.push({ seen: `${listIds(invented)} items nobody sent`, remedy: 'hand over what came' });
  if (doubled.length > 0) violations.push({ seen: `${listIds(doubled)} items arrived twice`, remedy: 'consume once' });
  for (const { ids, answer } of answers) {
    const lost = lostOf(ids, arrived).length;
    if (answer.outcome === 'accepted' && lost > (answer.rejected ?? 0)) {
      const seen = `a request was acknowledged and ${lost} of its ${ids.length} items were not delivered`;
      violations.push({ seen, remedy: 'answer after consume() has resolved, with its error where it rejects' });
    }
    if (answer.outcome !== 'accepted' && lost < ids.length) {
      const seen = `a request was refused and ${ids.length - lost} of its ${ids.length} items were delivered`;
      violations.push({ seen, remedy: 'answer what consume() answered; say partial success where failedItems is set' });
    }
  }
  return violations;
}

async function pressure({ signals, collector, send, end }: Bench): Promise<readonly Violation[]> {
  const [signal] = signals;
  if (signal === undefined) return [];
  const out = collector.out();
  out.stall();
  const violations: Violation[] = [];
  const accepted: number[] = [];
  const open: Promise<void>[] = [];
  const met: { refusal?: Answer['outcome'] } = {};
  let mostBytes = 0;
  let sentBytes = 0;
  for (let first = 0; met.refusal === undefined && sentBytes < 4 * BUDGET_BYTES; first += 50) {
    const ids = Array.from({ length: 50 }, (_, index) => first + index);
    const request = taggedRequest(signal, ids, { paddingBytes: 1_000 });
    sentBytes += request.length;
    const answered = send(signal, request).then(({ outcome }) => {
      if (outcome === 'accepted') accepted.push(...ids);
      else met.refusal ??= outcome;
    });
    open.push(answered);
    // The answer, or the request's arrival in accounted memory, whichever is first.
    await Promise.race([answered, grown(collector, request.length)]);
    mostBytes = Math.max(mostBytes, collector.bytesInFlight);
  }
  if (mostBytes > BUDGET_BYTES) {
    const remedy = 'read bodies into what admit() gives, and stop when it throws';
    violations.push({ seen: `${mostBytes} bytes in flight, with a budget of ${BUDGET_BYTES}`, remedy });
  }
  if (met.refusal !== 'retryable') {
    const { refusal } = met;
    const seen = refusal === undefined ? `${sentBytes} bytes were taken` : `the answer was "${refusal}"`;
    violations.push({ seen, remedy: 'tell senders to try again later when admit() or append() throws' });
  }
  out.resume();
  await Promise.all(open);
  const { outcome } = await send(signal, taggedRequest(signal, [1_000_000]));
  if (outcome !== 'accepted') {
    violations.push({ seen: `after the stall the answer was "${outcome}"`, remedy: 'release what was refused' });
  }
  await end();
  const lost = lostOf(accepted, new IdTally().add(out.ids(signal)));
  if (lost.length > 0) {
    violations.push({
      seen: `${listIds(lost)} items were acknowledged and not delivered`,
      remedy: 'answer after consume()',
    });
  }
  return violations;
}

/** Resolves when about so many more bytes are in flight; looked at after each turn of the event loop, for a while. */
async function grown(collector: TestCollector, bytes: number): Promise<void> {
  const target = collector.bytesInFlight + bytes / 2;
  for (let turn = 0; turn < 10_000 && collector.bytesInFlight < target; turn++) {
    await new Promise((resolve) => void setImmediate(resolve));
  }
}
