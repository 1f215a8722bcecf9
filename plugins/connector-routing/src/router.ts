import { type ClientContext, type ConnectorOutput, permanent, type StepTools } from '@millrace/api';
import { type ClientInfo, FailureLog, type Program } from '@millrace/ottl';
import { type CompiledRoute, compileRoute } from './compile-route.ts';
import { Destinations, NOWHERE } from './destinations.ts';
import { BATCH, ITEM, LEVELS, type Part, POINT, RESOURCE, type RoutedBatch, type Visitor, walk } from './levels.ts';
import type { RoutedSignal, RouteSettings, RoutingSettings } from './routing-settings.ts';
import { matchesSender, parseSenderCondition, type SenderCondition } from './sender-condition.ts';

interface Route {
  readonly level: number;
  readonly matches: (view: unknown) => boolean;
  readonly edit: Program | undefined;
  readonly copies: boolean;
  readonly pipelines: readonly string[];
}

const UNKNOWN = 0;
const NO = 1;
const YES = 2;

/** Deals the parts of batches out to pipelines. */
export class Router {
  readonly #tools: StepTools;
  readonly #failures: FailureLog;
  readonly #routes: readonly Route[];
  readonly #compiled: CompiledRoute[] = [];
  readonly #asksForSender: boolean;
  readonly #defaults: readonly string[];
  /** The level of the innermost route. */
  readonly #depth: number;
  readonly #destinations: Destinations;
  /** By level, where the walk is. */
  readonly #views: unknown[] = [null, null, null, null];
  /** By route, whether the view of its level matches. */
  readonly #verdicts: Uint8Array;
  #sender: ClientContext | undefined;

  constructor(settings: RoutingSettings, signal: RoutedSignal, tools: StepTools) {
    this.#tools = tools;
    this.#failures = new FailureLog({
      now: () => tools.nowUnixNano(),
      warn: (message, fields) => tools.logger.warn(message, fields),
    });
    this.#routes = withoutRepeats(settings.table, tools).map((route) => this.#route(route, settings, signal));
    this.#asksForSender = settings.table.some(asksForSender);
    this.#defaults = settings.default_pipelines;
    this.#depth = Math.max(RESOURCE, ...this.#routes.map(({ level }) => level));
    this.#destinations = new Destinations(this.#routes.length + 1);
    this.#verdicts = new Uint8Array(this.#routes.length);
  }

  #route(route: RouteSettings, { error_mode }: RoutingSettings, signal: RoutedSignal): Route {
    const { context, condition = '', action, pipelines } = route;
    const rest = { copies: action === 'copy', pipelines };
    if (context === 'request') {
      const parsed = parseSenderCondition(condition) as SenderCondition;
      return { ...rest, level: BATCH, edit: undefined, matches: () => matchesSender(parsed, this.#sender) };
    }
    const compiled = compileRoute(route, signal, {
      ...this.#failures.handling(error_mode, refusal),
      now: () => this.#tools.nowUnixNano(),
      log: (message, fields) => this.#tools.logger.info(message, fields),
    });
    this.#compiled.push(compiled);
    const level = LEVELS[compiled.context as keyof typeof LEVELS];
    return { ...rest, level, edit: compiled.edit, matches: (view) => compiled.matches(view) };
  }

  /** `open` makes another batch of the same signal over the same bytes, to be changed apart. */
  route<B extends RoutedBatch>(batch: B, out: ConnectorOutput, open: (chunks: readonly Uint8Array[]) => B): void {
    if (this.#asksForSender) this.#lookAtSender();
    this.#decideAll(batch);
    this.#routes.forEach((route, index) => this.#emit(index, { batch, out, open, route }));
    this.#emit(this.#routes.length, { batch, out, open, route: undefined });
    this.#failures.report();
  }

  #lookAtSender(): void {
    this.#sender = this.#tools.context;
    const client = clientOf(this.#sender);
    for (const part of this.#compiled.flatMap(({ parts }) => parts)) part.client = client;
  }

  #decideAll(batch: RoutedBatch): void {
    const destinations = this.#destinations;
    destinations.clear();
    this.#enter(BATCH, batch);
    walk(batch, this.#depth, {
      enter: (level, view) => this.#enter(level, view),
      leaf: () => destinations.push(this.#decide()),
      empty: () => undefined,
    });
  }

  #enter(level: number, view: unknown): void {
    const routes = this.#routes;
    this.#views[level] = view;
    for (let i = 0; i < routes.length; i++) {
      if (routes[i].level !== level) continue;
      // Now, as conditions on a metric may go through its data points, which the walk is about to do.
      this.#verdicts[i] = level === ITEM && this.#depth === POINT ? this.#verdict(routes[i]) : UNKNOWN;
    }
  }

  #verdict({ level, matches }: Route): number {
    const view = this.#views[level];
    return view !== undefined && matches(view) ? YES : NO;
  }

  /** The ways of the part at which the walk is, as a set of destinations. */
  #decide(): number {
    const routes = this.#routes;
    const verdicts = this.#verdicts;
    let set = NOWHERE;
    for (let i = 0; i < routes.length; i++) {
      if (verdicts[i] === UNKNOWN) verdicts[i] = this.#verdict(routes[i]);
      if (verdicts[i] === NO) continue;
      set = this.#destinations.with(set, i);
      if (!routes[i].copies) return set;
    }
    return this.#destinations.with(set, routes.length);
  }

  /** Emits what goes one way. What goes there whole keeps its bytes, and nobody walks it again. */
  #emit<B extends RoutedBatch>(
    index: number,
    work: {
      readonly batch: B;
      readonly out: ConnectorOutput;
      readonly open: (chunks: readonly Uint8Array[]) => B;
      /** Undefined for what no route moved away. */
      readonly route: Route | undefined;
    },
  ): void {
    const { batch, out, open, route } = work;
    const goes = this.#destinations.having(index);
    const share = this.#destinations.shareOf(goes);
    if (share === 'none') return;
    const part = share === 'all' ? batch : open(batch.chunks);
    if (share === 'some') this.#keep(part, goes);
    const pipelines = route?.pipelines ?? this.#defaults;
    if (pipelines.length === 0) {
      this.#tools.count('connector_routing_dropped_items', part.itemCount);
      return;
    }
    if (route?.edit === undefined) return out.emit(part, pipelines);
    const edited = open(part.chunks);
    walk(edited, route.level, new Editing(route.level, route.edit));
    out.emit(edited, pipelines);
  }

  #keep(batch: RoutedBatch, goes: readonly boolean[]): void {
    let next = 0;
    walk(batch, this.#depth, {
      enter: () => undefined,
      leaf: (part) => {
        if (!goes[this.#destinations.of(next++)]) part.drop();
      },
      empty: (part) => part.drop(),
    });
  }
}

/** Runs a route's statement on what goes that way. */
class Editing implements Visitor {
  readonly #level: number;
  readonly #edit: Program;

  constructor(level: number, edit: Program) {
    this.#level = level;
    this.#edit = edit;
  }

  enter(level: number, view: unknown): void {
    if (level === this.#level && view !== undefined) this.#edit.run(view);
  }

  leaf(_part: Part): void {}

  empty(_part: Part): void {}
}

/** Whether a route asks who sent the data. */
export function asksForSender({ context, condition, statement }: RouteSettings): boolean {
  return context === 'request' || context === 'otelcol' || /\botelcol\./.test(condition ?? statement ?? '');
}

/** As in the Collector, only the first of routes with the same condition counts. */
function withoutRepeats(table: readonly RouteSettings[], { logger }: StepTools): readonly RouteSettings[] {
  const seen = new Set<string>();
  return table.filter(({ context, condition, statement, pipelines }) => {
    const key = JSON.stringify([context, statement ?? `route() where ${condition}`]);
    if (!seen.has(key)) return seen.add(key);
    logger.warn('a route is ignored: an earlier one has the same condition', {
      condition: statement ?? condition,
      pipelines,
    });
    return false;
  });
}

function clientOf(sender: ClientContext | undefined): ClientInfo | null {
  if (sender === undefined) return null;
  const { address, metadata } = sender;
  return {
    ...(address === undefined ? {} : { addr: address }),
    ...(metadata === undefined ? {} : { metadata: new Map(Object.entries(metadata)) }),
  };
}

function refusal(error: Error, source: string): Error {
  return permanent(`the OTTL condition ${source} failed: ${error.message}`, { code: 'OTTL_FAILED', cause: error });
}
