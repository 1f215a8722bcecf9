import { messageOf, type Signal } from '@millrace/api';
import { collectorOf, type TestCollector } from '../collector-of.ts';
import { ManualClock } from '../manual-clock.ts';
import { idsIn } from '../tagged-items.ts';
import { drive } from './drive.ts';
import type { Destination, ExporterEnvironment } from './options.ts';
import type { Rule, Violation } from './rule.ts';
import type { Subject } from './subject.ts';
import { droppedIn } from './pipeline-accounting-rules.ts';
import { doubledIn, IdTally, listIds, lostOf } from './tally.ts';
import { entryId } from './wiring.ts';

/** What components owe while a configuration is replaced: two of them may run at a time, one of which ends. */
export const RELOAD_RULES: readonly Rule[] = [
  {
    id: 'reload/stateful',
    says: 'a stateful processor goes on over a reload that does not concern it; where another takes its place, nothing is lost and nothing comes twice',
    appliesTo: ({ definition }) => definition.kind === 'processor' && definition.stateful !== undefined,
    check: checkProcessor,
  },
  {
    id: 'reload/exporter',
    says: 'an exporter goes on over a reload that does not concern it; where another takes its place, nothing is lost and nothing comes twice',
    appliesTo: ({ definition, options }) => definition.kind === 'exporter' && options.exporter !== undefined,
    check: checkExporter,
  },
];

const BEFORE = range(0, 24);
const AFTER = range(100, 24);
const PER_REQUEST = 4;
const PAUSE_MS = 20;

/** What came of one run. */
interface Run {
  readonly accepted: readonly number[];
  readonly refused: number;
  readonly arrived: IdTally;
  /** Items that the component counted as dropped. */
  readonly dropped: number;
  /** What the reload says it started; undefined where there was none. */
  readonly started: readonly string[] | undefined;
}

interface Plan {
  readonly signal: Signal;
  readonly yaml: string;
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Put into effect between the two. */
  readonly later?: string;
}

async function checkProcessor(subject: Subject): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const { label, yaml, id, signals } of await subject.entries()) {
    for (const signal of signals) {
      const arrivedAt = (collector: TestCollector) =>
        Promise.resolve(new IdTally().add(collector.out().accepted.flatMap(({ bytes }) => idsIn(signal, [bytes]))));
      const run = (plan: Omit<Plan, 'signal'>) => playIn(new ManualClock(), subject, { ...plan, signal }, arrivedAt);
      const found = await compare(subject, { id, yaml, signal, run });
      violations.push(...found.map(({ seen, remedy }) => ({ seen: `${label}, ${signal}: ${seen}`, remedy })));
    }
  }
  return violations;
}

async function checkExporter(subject: Subject): Promise<readonly Violation[]> {
  const environment = subject.options.exporter as ExporterEnvironment;
  const { signals } = subject.definition as { readonly signals: readonly Signal[] };
  const violations: Violation[] = [];
  for (const signal of signals) {
    for (const manner of ['kept', 'replaced'] as const) {
      // The one that takes its place sends elsewhere.
      const [first, other] = [await environment.open(), await environment.open()];
      try {
        const later = laterOf(subject, { yaml: (manner === 'kept' ? first : other).config, signal }, manner);
        const plan = { signal, yaml: subject.wire(first.config, [signal]), before: BEFORE, after: AFTER, later };
        const run = await playIn(undefined, subject, plan, () =>
          tallyOf(manner === 'kept' ? [first] : [first, other], signal),
        );
        // Each item that it has acknowledged is with a destination.
        const reference = { ...run, arrived: new IdTally().add(run.accepted) };
        const found = [
          ...differences(run, [reference]),
          ...(manner === 'kept' ? goesOn(run, entryId(first.config)) : []),
        ];
        violations.push(...found.map(({ seen, remedy }) => ({ seen: `${signal}, ${manner}: ${seen}`, remedy })));
      } finally {
        await first.close();
        await other.close();
      }
    }
  }
  return violations;
}

async function tallyOf(destinations: readonly Destination[], signal: Signal): Promise<IdTally> {
  const tally = new IdTally();
  for (const destination of destinations) {
    for (const payload of await destination.read()) {
      if (payload.signal === signal) tally.add(idsIn(signal, [payload.bytes]));
    }
  }
  return tally;
}

/** Beside runs without a reload, since a component may well drop what it is given. */
async function compare(
  subject: Subject,
  options: {
    readonly id: string;
    readonly yaml: string;
    readonly signal: Signal;
    readonly run: (plan: Omit<Plan, 'signal'>) => Promise<Run>;
  },
): Promise<readonly Violation[]> {
  const { id, signal, run } = options;
  const yaml = subject.wire(options.yaml, [signal]);
  const both = { yaml, before: BEFORE, after: AFTER };
  const plain = await run(both);
  const kept = await run({ ...both, later: laterOf(subject, options, 'kept') });
  const replaced = await run({ ...both, later: laterOf(subject, options, 'replaced') });
  // One that takes another's place begins anew.
  const ends = await run({ yaml, before: BEFORE, after: [] });
  const begins = await run({ yaml, before: [], after: AFTER });
  return [...differences(kept, [plain]), ...goesOn(kept, id), ...differences(replaced, [ends, begins])];
}

/** Another configuration: with the same component behind another receiver, or with one of another name in its place. */
function laterOf(
  subject: Subject,
  { yaml, signal }: { readonly yaml: string; readonly signal: Signal },
  manner: 'kept' | 'replaced',
): string {
  if (manner === 'kept') return subject.wire(yaml, [signal]).replace('  test/in:', '  test/in: { note: another }');
  const id = entryId(yaml);
  const other = `${id.split('/')[0]}/in_its_place`;
  return subject.wire(yaml.replace(id, other), [signal]);
}

/** On a clock of the test, or on the computer's own, where the destination is a real one. */
async function playIn(
  clock: ManualClock | undefined,
  subject: Subject,
  { signal, yaml, before, after, later }: Plan,
  arrivedAt: (collector: TestCollector) => Promise<IdTally>,
): Promise<Run> {
  const until = <T>(work: Promise<T>, stuck: string) => (clock === undefined ? work : drive(clock, work, stuck));
  const collector = await collectorOf(yaml, {
    registry: subject.registry,
    metrics: true,
    ...(clock === undefined ? {} : { clock }),
  });
  const accepted: number[] = [];
  let refused = 0;
  const answers: Promise<unknown>[] = [];
  const push = async (all: readonly number[]) => {
    for (let at = 0; at < all.length; at += PER_REQUEST) {
      const ids = all.slice(at, at + PER_REQUEST);
      const answer = collector.in().push(signal, ids);
      const count = () => void accepted.push(...ids);
      answers.push(answer.then(count, () => (refused += 1)));
      await clock?.advance(PAUSE_MS);
    }
  };
  await push(before);
  const reload = later === undefined ? undefined : await until(reloaded(collector, later), 'the reload never ended');
  await push(after);
  const dropped = droppedIn(subject, await collector.metrics());
  const shutdown = collector.shutdown();
  await until(Promise.all(answers), 'senders were never answered');
  await until(shutdown, 'the collector did not stop');
  return { accepted, refused, dropped, arrived: await arrivedAt(collector), started: reload?.started };
}

async function reloaded(collector: TestCollector, yaml: string): Promise<{ readonly started: readonly string[] }> {
  try {
    return await collector.reload(yaml);
  } catch (error) {
    throw new Error(`a reload failed: ${messageOf(error)}`, { cause: error });
  }
}

function* differences({ accepted, refused, arrived, dropped }: Run, references: readonly Run[]): Iterable<Violation> {
  const expected = references.flatMap((run) => run.arrived.ids).filter((id) => accepted.includes(id));
  const lost = lostOf(expected, arrived);
  // One that drops what comes too fast may drop others than it does alone.
  if (lost.length > dropped) {
    const remedy =
      'keep what you hold in the instance, and pass it on in its own shutdown(): two of them may run at a time';
    yield { seen: `${listIds(lost)} items were acknowledged and lost over a reload`, remedy };
  }
  const sent = new IdTally();
  for (const { arrived: alone } of references) {
    for (const id of alone.ids) for (let time = sent.of(id); time < alone.of(id); time++) sent.add([id]);
  }
  const doubled = doubledIn(sent, arrived);
  if (doubled.length > 0) {
    yield {
      seen: `${listIds(doubled)} items came twice over a reload`,
      remedy: 'pass on only what this instance holds',
    };
  }
  const before = references.reduce((sum, run) => sum + run.refused, 0);
  if (refused > before) {
    const remedy = 'answer by what becomes of the data; another instance is none of your business';
    yield { seen: `${refused - before} requests were refused over a reload`, remedy };
  }
}

function* goesOn({ started = [] }: Run, id: string): Iterable<Violation> {
  const anew = started.filter((name) => name.includes(`"${id}"`));
  if (anew.length === 0) return;
  const remedy = 'have the same text decode to the same settings: no dates, functions or random numbers among them';
  yield { seen: `${anew.join(', ')} was started anew although nothing about it had changed`, remedy };
}

function range(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
