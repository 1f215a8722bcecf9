import type { Witness } from './components.ts';
import { type DeadLetters, isOnTheWay } from './dead-letters.ts';
import type { Destination } from './destination.ts';
import type { FlipLedger } from './flip-ledger.ts';
import type { LogBook } from './log-book.ts';
import { type ExporterPlan, LAST_EXPORTER, type Leaf, type Scenario, type Way } from './scenario.ts';
import type { Sent } from './senders.ts';

/** How a life ended. */
export interface LifeEnd {
  readonly how: 'crash' | 'stop' | 'failed start';
  /** Items that it said it left, for good. */
  readonly leftItems: number;
  /** Whether something stayed on disk that may have left in part. */
  readonly kept: boolean;
  /** Whether the disk made it hard to note what was delivered. */
  readonly hadDiskTrouble: boolean;
}

export interface Evidence {
  readonly scenario: Scenario;
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly sent: readonly Sent[];
  readonly strange: readonly string[];
  readonly ends: readonly LifeEnd[];
  readonly log: LogBook;
  /** Reloads: what a stored queue had cut may have left in part. */
  readonly reloads: number;
  readonly flips: FlipLedger;
  readonly letters: DeadLetters;
  readonly witness: Witness;
}

/** Everything that speaks against the collector, after all trouble has ended and all queues are empty. */
export function verdictOn(evidence: Evidence): readonly string[] {
  const conservation = new Conservation(evidence);
  return [
    ...conservation.violations(),
    ...integrityFaults(evidence),
    ...duplicates(evidence),
    ...evidence.strange.map((what) => `a sender was told: ${what}`),
  ];
}

type Fate = 'delivered' | 'excused' | 'missing';

/** An item on its way. */
interface Journey {
  readonly id: number;
  readonly request: Sent;
  /** Exporters of which one is enough. */
  readonly group: string | undefined;
  /** Whether a component on the way answers before it knows what becomes of the item. */
  readonly answered: boolean;
}

/**
 * Acknowledged means delivered, or left in a dead letter with a reason, but for what the configuration allows to be lost.
 * Each item that is excused has a cause of its own, and all of them together are counted in the log.
 */
class Conservation {
  readonly #evidence: Evidence;
  readonly #plans: ReadonlyMap<string, ExporterPlan>;
  readonly #found: string[] = [];
  /** Items that exporters (one, or all of which a connector may choose some) did not deliver, and had to account for. */
  readonly #unaccounted = new Map<string, Set<number>>();

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    this.#plans = new Map(evidence.scenario.exporters.map((plan) => [plan.id, plan]));
  }

  violations(): readonly string[] {
    const { sent, scenario } = this.#evidence;
    for (const request of sent) {
      if (request.state !== 'acknowledged') continue;
      const way = scenario.ways.get(request.plan.signal) as Way;
      for (const id of request.plan.ids) {
        if (this.#fateOn(way, { id, request, group: undefined, answered: false }) === 'missing') {
          const where = [...exportersOf(way)].filter((each) => !this.#isSettled(each, id));
          this.#found.push(
            `#${id} was acknowledged in life ${request.acknowledgedIn} and is lost at ${where.join(', ')}`,
          );
        }
      }
    }
    for (const [group, ids] of this.#unaccounted) this.#compare(group.split(' '), ids);
    return this.#found;
  }

  #compare(exporters: readonly string[], ids: ReadonlySet<number>): void {
    const { log, ends } = this.#evidence;
    const isOwn = (id: string) => exporters.includes(id);
    const isComponent = (id: string) => !this.#plans.has(id);
    const reported = ends.reduce((sum, { leftItems }) => sum + leftItems, 0);
    const held = Math.max(0, reported - sumOf(log.left, () => true));
    const own = sumOf(log.givenUp, isOwn) + sumOf(log.left, isOwn);
    const counted = own + sumOf(log.givenUp, isComponent) + sumOf(log.left, isComponent) + held + log.dropped;
    if (ids.size <= counted) return;
    this.#found.push(
      `${ids.size} items are lost at ${exporters.join(' ')}, and ${counted} were counted: ${listed(ids)}`,
    );
  }

  #fateOn(way: Way, journey: Journey): Fate {
    if ('exporter' in way) return this.#fateAt(way, journey);
    if ('all' in way) {
      const answered =
        journey.answered || way.answers === 'always' || (way.answers === 'in memory' && !this.#isSafe(way));
      const fates = way.all.map((each) => this.#fateOn(each, { ...journey, answered }));
      if (fates.includes('missing')) return 'missing';
      return fates.every((fate) => fate === 'delivered') ? 'delivered' : 'excused';
    }
    // Looked at in this order, so that an excuse is only used where it is needed.
    if (way.any.some((each) => this.#hasPassed(each, journey.id))) return 'delivered';
    const group = journey.group ?? [...exportersOf(way)].join(' ');
    const answered = journey.answered || way.queued;
    const fates = way.any.map((each) => this.#fateOn(each, { ...journey, group, answered }));
    return fates.find((fate) => fate !== 'missing') ?? 'missing';
  }

  /** Whether something on a way acknowledges only what is delivered or stored. */
  #isSafe(way: Way): boolean {
    if ('exporter' in way) {
      const { queue, waitsForResult } = this.#plans.get(way.exporter) as ExporterPlan;
      return queue !== 'memory' || waitsForResult;
    }
    if ('all' in way) return way.all.some((each) => !answersAlways(each) && this.#isSafe(each));
    return !way.queued && way.any.some((each) => this.#isSafe(each));
  }

  #fateAt({ exporter, weak }: Leaf, { id, request, group, answered }: Journey): Fate {
    if (this.#isSettled(exporter, id)) return 'delivered';
    const { ends, flips, log } = this.#evidence;
    const life = request.acknowledgedIn as number;
    const end = ends[life];
    if (weak && end?.how === 'crash') return 'excused';
    if (this.#isHit(exporter, id) || flips.mayHaveLostLetter(letterOf(exporter), id)) return 'excused';
    const plan = this.#plans.get(exporter) as ExporterPlan;
    const isTold = !answered && (plan.queue === 'none' || plan.waitsForResult);
    // What an exporter left at its end is known by number only.
    const wasLeft = weak && end !== undefined && end.leftItems + sumOf(log.left, () => true) > 0;
    if (wasLeft || (!isTold && this.#mayBeGivenUp(plan, id, answered))) {
      enter(this.#unaccounted, group ?? exporter, id);
      return 'excused';
    }
    return 'missing';
  }

  #mayBeGivenUp(plan: ExporterPlan, id: number, answered: boolean): boolean {
    const { destinations, scenario, witness } = this.#evidence;
    // A step may throw before anybody was answered, and the sender is told. Encoders of the same stage are steps of it.
    const threw = () => scenario.exporters.some((each) => each.badEncoder && witness.threwLast(each.id, id));
    if (answered && scenario.stagesLeave === undefined && (witness.poisoned(id) || threw())) return true;
    const known = destinations.get(plan.id)?.items.get(id);
    // A dead letter that is ending takes nothing; without a queue, nobody has the data then who could keep it.
    const isAlone = plan.deadLetter === 'exporter' && plan.queue === 'none' && answered;
    if (plan.deadLetter !== undefined && !isAlone) return false;
    if (plan.badEncoder && witness.threwLast(plan.id, id)) return true;
    return known?.refusedForGood === true || (plan.givesUp && (known?.failures ?? 0) > 0);
  }

  /** A bit turned over in what was kept of it. */
  #isHit(exporter: string, id: number): boolean {
    const { flips } = this.#evidence;
    const { deadLetter } = this.#plans.get(exporter) as ExporterPlan;
    return flips.mayHaveLost(exporter, id) || (deadLetter === 'exporter' && flips.mayHaveLost(LAST_EXPORTER, id));
  }

  #hasPassed(way: Way, id: number): boolean {
    if ('exporter' in way) return this.#isSettled(way.exporter, id);
    if ('all' in way) return way.all.every((each) => this.#hasPassed(each, id));
    return way.any.some((each) => this.#hasPassed(each, id));
  }

  /** It has arrived, or is in a dead letter. */
  #isSettled(exporter: string, id: number): boolean {
    const { destinations, letters } = this.#evidence;
    if ((destinations.get(exporter)?.items.get(id)?.arrivals ?? 0) > 0) return true;
    if (letters.count(letterOf(exporter), id) > 0 || letters.isLeftOnTheWay(id)) return true;
    const last = destinations.get(LAST_EXPORTER)?.buried ?? new Map<string, ReadonlySet<number>>();
    return [...last].some(
      ([component, ids]) => (component === letterOf(exporter) || isOnTheWay(component)) && ids.has(id),
    );
  }
}

/** How an exporter is named in dead letters. */
function letterOf(exporter: string): string {
  return `exporter "${exporter}"`;
}

function answersAlways(way: Way): boolean {
  return 'all' in way && way.answers === 'always';
}

/** What arrived is what was sent, and nothing else. */
function* integrityFaults({ scenario, destinations, sent, letters, flips }: Evidence): Iterable<string> {
  const offered = new Map<number, Sent>();
  for (const request of sent) if (request.offers > 0) for (const id of request.plan.ids) offered.set(id, request);
  for (const { id: exporter, items, damaged } of destinations.values()) {
    if (damaged.length > 0) yield `${exporter} got altered items: ${listed(new Set(damaged))}`;
    for (const id of items.keys()) {
      const request = offered.get(id);
      if (request === undefined) yield `${exporter} got #${id}, which nobody sent`;
      else if (
        exporter !== LAST_EXPORTER &&
        !exportersOf(scenario.ways.get(request.plan.signal) as Way).has(exporter)
      ) {
        yield `${exporter} got #${id}, which does not go there`;
      }
    }
  }
  if (letters.damaged.length > flips.linesHit) {
    yield `${letters.damaged.length} dead letters are damaged, and ${flips.linesHit} were hit: ${letters.damaged[0]}`;
  }
}

/**
 * Nothing arrives more often than it was offered, but for what is stored and in a crash, lies, late answers and marks that
 * were hit.
 */
function* duplicates(evidence: Evidence): Iterable<string> {
  const { scenario, destinations, sent, flips, letters } = evidence;
  const plans = new Map(scenario.exporters.map((plan) => [plan.id, plan]));
  for (const request of sent) {
    const way = scenario.ways.get(request.plan.signal) as Way;
    for (const [exporter, { paths, repeats }] of pathsOf(way)) {
      if (repeats) continue;
      const again = timesAgain(plans.get(exporter) as ExporterPlan, evidence);
      for (const id of request.plan.ids) {
        const known = destinations.get(exporter)?.items.get(id);
        const allowed = (request.offers + again) * paths + (known?.unanswered ?? 0) + flips.broughtBack(id) * paths;
        if (known !== undefined && known.arrivals > allowed) {
          yield `#${id} arrived ${known.arrivals} times at ${exporter}, ${allowed} would have a cause`;
        }
        const buried = letters.count(letterOf(exporter), id);
        if (buried > allowed && !evidence.ends.some(({ hadDiskTrouble }) => hadDiskTrouble)) {
          yield `#${id} is ${buried} times in the dead letter of ${exporter}, ${allowed} would have a cause`;
        }
      }
    }
  }
}

/** How often what an exporter has taken may begin anew. */
function timesAgain({ queue, cuts, deadLetter }: ExporterPlan, { ends, reloads }: Evidence): number {
  if (queue !== 'stored') return 0;
  // What was taken in part stays whole, where its rest is yet to be sent, or left in a dead letter that does not take it.
  const inParts = cuts || deadLetter !== undefined;
  const isDirty = ({ how, kept, hadDiskTrouble }: LifeEnd) => how !== 'stop' || hadDiskTrouble || (kept && inParts);
  return ends.filter(isDirty).length + (inParts ? reloads : 0);
}

interface Paths {
  paths: number;
  /** Whether a connector's queue may offer it again after another branch of its level has refused. */
  repeats: boolean;
}

function pathsOf(way: Way, found = new Map<string, Paths>(), repeats = false): Map<string, Paths> {
  if ('exporter' in way) {
    const known = found.get(way.exporter) ?? { paths: 0, repeats: false };
    found.set(way.exporter, { paths: known.paths + 1, repeats: known.repeats || (repeats && way.weak) });
    return found;
  }
  if ('all' in way) {
    // A component that has answered passes on again what one of several destinations, or what took it in parts, refused.
    const branches = way.answers === 'always' || (way.answers !== undefined && [...leavesOf(way)].length > 1);
    for (const each of way.all) pathsOf(each, found, repeats || branches);
    return found;
  }
  const branches = way.queued || way.any.some((each) => [...leavesOf(each)].length > 1);
  for (const each of way.any) pathsOf(each, found, repeats || branches);
  return found;
}

function* leavesOf(way: Way): Iterable<string> {
  if ('exporter' in way) yield way.exporter;
  else for (const each of 'all' in way ? way.all : way.any) yield* leavesOf(each);
}

function exportersOf(way: Way): Set<string> {
  return new Set(leavesOf(way));
}

function enter<K>(sets: Map<K, Set<number>>, key: K, id: number): void {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set.add(id));
}

function sumOf(counts: ReadonlyMap<string, number>, isMeant: (id: string) => boolean): number {
  return [...counts].reduce((sum, [id, count]) => sum + (isMeant(id) ? count : 0), 0);
}

function listed(ids: ReadonlySet<number>): string {
  return `${[...ids].slice(0, 10).join(' ')}${ids.size > 10 ? ' …' : ''}`;
}
