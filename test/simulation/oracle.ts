import type { Destination } from './destination.ts';
import type { LogBook } from './log-book.ts';
import type { ExporterPlan, Scenario, Way } from './scenario.ts';
import type { Sent } from './senders.ts';

/** How a life ended. */
export interface LifeEnd {
  readonly how: 'crash' | 'stop' | 'failed start';
  /** Items that it said it left, for good. */
  readonly leftItems: number;
  /** Whether marks of what was delivered may be missing on disk. */
  readonly dirty: boolean;
}

export interface Evidence {
  readonly scenario: Scenario;
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly sent: readonly Sent[];
  readonly strange: readonly string[];
  /**
   * Items that senders were told were not taken, for good. Of merged requests nobody can say whose items a destination
   * rejected; they are put down to the first senders.
   */
  readonly toldFailed: number;
  readonly ends: readonly LifeEnd[];
  readonly log: LogBook;
  /** Reloads: what an exporter has that is replaced may have left in part. */
  readonly reloads: number;
  /** Bits that turned over. */
  readonly flips: number;
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

type Leaf = Extract<Way, { readonly exporter: string }>;

type Fate = 'delivered' | 'excused' | 'missing';

/** Acknowledged means delivered, but for what the configuration allows to be lost, and what is lost is counted. */
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
    const { sent, scenario, ends, log, toldFailed } = this.#evidence;
    for (const request of sent) {
      if (request.state !== 'acknowledged') continue;
      const way = scenario.ways.get(request.plan.signal) as Way;
      for (const id of request.plan.ids) {
        if (this.#fateOn(way, id, request) === 'missing') {
          const where = [...exportersOf(way)].filter((each) => !this.#hasArrived(each, id));
          this.#found.push(
            `#${id} was acknowledged in life ${request.acknowledgedIn} and is lost at ${where.join(', ')}`,
          );
        }
      }
    }
    const left = ends.reduce((sum, { leftItems }) => sum + leftItems, 0) + log.left;
    const shared = log.dropped + sumOf(log.givenUp, (id) => !this.#plans.has(id)) + left;
    for (const [group, ids] of this.#unaccounted) {
      const exporters = group.split(' ');
      const waits = exporters.some((exporter) => this.#plans.get(exporter)?.waitsForResult === true);
      const own = sumOf(log.givenUp, (id) => exporters.includes(id));
      const counted = own + shared + (waits ? toldFailed : 0);
      if (ids.size <= counted) continue;
      this.#found.push(`${ids.size} items are lost at ${group}, and ${counted} were counted: ${listed(ids)}`);
    }
    return this.#found;
  }

  #fateOn(way: Way, id: number, request: Sent, group?: string): Fate {
    if ('exporter' in way) return this.#fateAt(way, id, request, group ?? way.exporter);
    if ('all' in way) {
      const fates = way.all.map((each) => this.#fateOn(each, id, request, group));
      if (fates.includes('missing')) return 'missing';
      return fates.every((fate) => fate === 'delivered') ? 'delivered' : 'excused';
    }
    // Looked at in this order, so that an excuse is only used where it is needed.
    if (way.any.some((each) => this.#hasPassed(each, id))) return 'delivered';
    const all = group ?? [...exportersOf(way)].join(' ');
    const fates = way.any.map((each) => this.#fateOn(each, id, request, all));
    return fates.find((fate) => fate !== 'missing') ?? 'missing';
  }

  #fateAt({ exporter, weak }: Leaf, id: number, request: Sent, group: string): Fate {
    if (this.#hasArrived(exporter, id)) return 'delivered';
    const { ends, flips, log } = this.#evidence;
    const life = request.acknowledgedIn as number;
    const end = ends[life];
    if (weak && end?.how === 'crash') return 'excused';
    if (flips > 0 && log.damage > 0) return 'excused';
    if (this.#mayGiveUp(exporter, id)) {
      enter(this.#unaccounted, group, id);
      return 'excused';
    }
    if (weak && end !== undefined && end.leftItems + log.left > 0) {
      enter(this.#unaccounted, group, id);
      return 'excused';
    }
    return 'missing';
  }

  #mayGiveUp(exporter: string, id: number): boolean {
    const { log, destinations } = this.#evidence;
    const { givesUp, badEncoder } = this.#plans.get(exporter) as ExporterPlan;
    const known = destinations.get(exporter)?.items.get(id);
    if (known?.refusedForGood === true || badEncoder) return true;
    if (givesUp && known !== undefined && known.failures > 0) return true;
    return log.dropped > 0 || sumOf(log.givenUp, (id) => !this.#plans.has(id)) > 0;
  }

  #hasPassed(way: Way, id: number): boolean {
    if ('exporter' in way) return this.#hasArrived(way.exporter, id);
    if ('all' in way) return way.all.every((each) => this.#hasPassed(each, id));
    return way.any.some((each) => this.#hasPassed(each, id));
  }

  #hasArrived(exporter: string, id: number): boolean {
    return (this.#evidence.destinations.get(exporter)?.items.get(id)?.arrivals ?? 0) > 0;
  }
}

/** What arrived is what was sent, and nothing else. */
function* integrityFaults({ scenario, destinations, sent }: Evidence): Iterable<string> {
  const offered = new Map<number, Sent>();
  for (const request of sent) if (request.offers > 0) for (const id of request.plan.ids) offered.set(id, request);
  for (const { id: exporter, items, damaged } of destinations.values()) {
    if (damaged.length > 0) yield `${exporter} got altered items: ${listed(new Set(damaged))}`;
    for (const id of items.keys()) {
      const request = offered.get(id);
      if (request === undefined) yield `${exporter} got #${id}, which nobody sent`;
      else if (!exportersOf(scenario.ways.get(request.plan.signal) as Way).has(exporter)) {
        yield `${exporter} got #${id}, which does not go there`;
      }
    }
  }
}

/** Nothing arrives more often than it was offered, but for crashes, lies, late answers and damaged marks. */
function* duplicates({ scenario, destinations, sent, ends, flips, reloads }: Evidence): Iterable<string> {
  const dirtyEnds = ends.filter(({ dirty }) => dirty).length + (flips > 0 ? ends.length : 0) + reloads;
  for (const request of sent) {
    const way = scenario.ways.get(request.plan.signal) as Way;
    for (const [exporter, { paths, repeats }] of pathsOf(way)) {
      if (repeats) continue;
      for (const id of request.plan.ids) {
        const known = destinations.get(exporter)?.items.get(id);
        if (known === undefined) continue;
        const allowed = (request.offers + dirtyEnds) * paths + known.unanswered;
        if (known.arrivals > allowed) {
          yield `#${id} arrived ${known.arrivals} times at ${exporter}, ${allowed} would have a cause`;
        }
      }
    }
  }
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
    for (const each of way.all) pathsOf(each, found, repeats);
    return found;
  }
  const branches = way.any.some((each) => [...leavesOf(each)].length > 1);
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
