import { isDeepStrictEqual } from 'node:util';
import { ComponentError, type Counter, type Lifecycle, messageOf } from '@millrace/api';
import type { ResolvedConfig } from '@millrace/config';
import type { Mill } from '@millrace/workers';
import { assemble, type Assembly } from '../assembly.ts';
import { before } from '../deadline.ts';
import type { Surroundings } from '../host-factory.ts';
import { isolatedPlugins } from '../isolated-plugins.ts';
import type { Lifecycles } from '../lifecycles.ts';
import { makeMill } from '../make-mill.ts';
import { buildGraph, type PipelineGraph } from '../pipeline-graph.ts';
import { changedSteps } from './changed-steps.ts';
import { refuseRestartNeeds } from './restart-needs.ts';
import type { Retirement } from './retirement.ts';
import { plansOf, type RunningGraph } from './running-graph.ts';
import { shuttingDown, Transition } from './transition.ts';

/** A configuration, or what reads it when its turn has come. */
export type ConfigSource = ResolvedConfig | (() => Promise<ResolvedConfig>);

/** What a reload did. Components are named as in `exporter "otlphttp/eu"`. */
export interface ReloadReport {
  readonly started: readonly string[];
  readonly stopped: readonly string[];
  /** Pure processors and connectors that are new, gone or changed: they have nothing to start or to stop. */
  readonly steps: readonly string[];
  /** How many components went on as they were. */
  readonly kept: number;
  readonly durationMs: number;
}

/** How the last reload ended. */
export interface ReloadOutcome {
  /** In milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** Why the old configuration is still in effect; undefined when the new one is. */
  readonly error: string | undefined;
}

/** Replaces the running graph by that of another configuration, one after the other. */
export class Reloader {
  readonly #around: Surroundings;
  readonly #lifecycles: Lifecycles;
  readonly #reloads: Counter;
  readonly #retirements = new Set<Retirement>();
  #running: RunningGraph;
  #last: ReloadOutcome | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #underWay = 0;
  #isClosed = false;
  readonly #closed = Promise.withResolvers<void>();

  constructor(running: RunningGraph, around: Surroundings, lifecycles: Lifecycles) {
    this.#running = running;
    this.#around = around;
    this.#lifecycles = lifecycles;
    const { own } = around.telemetry;
    this.#reloads = own.counter('reload_total', { description: 'Reloads of the configuration, by their result' });
    own.gauge('last_reload_successful', { description: '1: the configuration in effect is the latest one' }, () =>
      this.#last?.error === undefined ? 1 : 0,
    );
  }

  get running(): RunningGraph {
    return this.#running;
  }

  get last(): ReloadOutcome | undefined {
    return this.#last;
  }

  /** Of replaced graphs that still deliver what they hold. */
  get retirements(): ReadonlySet<Retirement> {
    return this.#retirements;
  }

  /**
   * No reload begins any more, and the one under way starts nothing. Undefined where there is none; else it resolves when
   * that is over.
   */
  close(): Promise<unknown> | undefined {
    this.#isClosed = true;
    this.#closed.resolve();
    return this.#underWay === 0 ? undefined : this.#turn;
  }

  reload(source: ConfigSource): Promise<ReloadReport> {
    const work = this.#turn.then(() => this.#reload(source));
    this.#underWay++;
    this.#turn = work.then(
      () => this.#underWay--,
      () => this.#underWay--,
    );
    return work;
  }

  async #reload(source: ConfigSource): Promise<ReloadReport> {
    const { clock, logger } = this.#around;
    try {
      const report = await this.#replace(typeof source === 'function' ? await source() : source);
      this.#reloads.add(1, { result: 'success' });
      this.#last = { atMs: clock.now(), error: undefined };
      const { started, stopped, steps, durationMs } = report;
      const kept = [...namesOf(this.#running.parts).values()].filter((name) => !started.includes(name));
      logger.info('reloaded', { started, stopped, steps, kept, duration_ms: Math.round(durationMs) });
      return report;
    } catch (error) {
      this.#reloads.add(1, { result: 'failure' });
      this.#last = { atMs: clock.now(), error: messageOf(error) };
      const remedy = error instanceof ComponentError ? error.remedy : undefined;
      logger.error('the new configuration was not taken, the old one stays in effect', {
        reason: messageOf(error),
        ...(remedy === undefined ? {} : { remedy }),
      });
      throw error;
    }
  }

  async #replace(config: ResolvedConfig): Promise<ReloadReport> {
    const { clock } = this.#around;
    const startedMs = clock.monotonic();
    const from = this.#running;
    await this.#patience();
    this.#refuse(from.config, config);
    const graph = buildGraph(config);
    const mill = await this.#millFor(config, graph);
    const to = await this.#assembled({ config, graph, mill }, from, new Set());
    const transition = this.#transition(from, to, { isLenient: false });
    try {
      this.#retire(await transition.run());
    } catch (error) {
      await this.#takeBack(from, to, transition);
      throw error;
    }
    this.#running = to;
    if (transition.isCutShort) throw shuttingDown();
    const steps = changedSteps(from.config, config);
    return { ...differences(from.parts, to.parts), steps, durationMs: clock.monotonic() - startedMs };
  }

  /** Gives replaced graphs a moment to end where there are too many. */
  async #patience(): Promise<void> {
    const { clock } = this.#around;
    const end = clock.monotonic() + BUSY_MS;
    while (this.#retirements.size >= RETIREMENTS_MAX && clock.monotonic() < end && !this.#isClosed) {
      const ends = [...this.#retirements].map((each) => each.finish());
      await before(clock, end, Promise.race([...ends, this.#closed.promise]));
    }
  }

  #refuse(running: ResolvedConfig, next: ResolvedConfig): void {
    if (this.#isClosed) throw shuttingDown();
    if (this.#retirements.size >= RETIREMENTS_MAX) {
      throw new ComponentError(`${this.#retirements.size} replaced configurations still deliver what they hold`, {
        code: 'RELOAD_BUSY',
        remedy: 'wait until their destinations take it, or restart the collector',
      });
    }
    refuseRestartNeeds(running, next);
  }

  /** The running mill where its plans are the same, or else one that is ready. */
  async #millFor(config: ResolvedConfig, graph: PipelineGraph): Promise<Mill> {
    const { config: running, graph: old, mill: current } = this.#running;
    const { workers } = config.service;
    const plans = plansOf(graph);
    const isSameMill =
      isDeepStrictEqual(running.service.workers, workers) &&
      isDeepStrictEqual(isolatedPlugins(running), isolatedPlugins(config));
    if (isSameMill && isDeepStrictEqual(plansOf(old), plans)) return current;
    const mill = makeMill(config, this.#around);
    try {
      await mill.start(plans);
      return mill;
    } catch (error) {
      await mill.shutdown();
      throw error;
    }
  }

  async #assembled(
    made: Omit<RunningGraph, 'parts'>,
    from: RunningGraph,
    gone: ReadonlySet<object>,
  ): Promise<RunningGraph> {
    const extensions = new Map<string, Lifecycle>();
    try {
      const parts = assemble({ ...made, around: this.#around, extensions, predecessor: { ...from, gone } });
      return { ...made, parts };
    } catch (error) {
      if (made.mill !== from.mill) await made.mill.shutdown();
      throw error;
    }
  }

  /** Has the old graph run again. What was stopped is made anew; what has come in the new way is delivered that way. */
  async #takeBack(from: RunningGraph, to: RunningGraph, failed: Transition): Promise<void> {
    if (!failed.hasBegun) {
      await failed.undo();
      failed.showAgain(from);
      return;
    }
    const again = await this.#assembled(from, from, failed.gone);
    this.#retire(await this.#transition(to, again, { isLenient: true }).run());
    this.#running = again;
    failed.showAgain(again);
  }

  #transition(from: RunningGraph, to: RunningGraph, { isLenient }: { isLenient: boolean }): Transition {
    const { clock, logger, status } = this.#around;
    const older = [...this.#retirements];
    const isAsked = () => this.#isClosed;
    const closing = {
      get isAsked() {
        return isAsked();
      },
      asked: this.#closed.promise,
    };
    const lifecycles = this.#lifecycles;
    return new Transition({ from, to, older, lifecycles, clock, logger, status, isLenient, closing });
  }

  #retire(retirement: Retirement): void {
    this.#retirements.add(retirement);
    void retirement.finish().finally(() => this.#retirements.delete(retirement));
  }
}

/** How long a reload waits for earlier ones. */
const BUSY_MS = 5_000;

/** So many replaced graphs may still be delivering; each may hold workers and memory. */
const RETIREMENTS_MAX = 4;

function differences(from: Assembly, to: Assembly): Pick<ReloadReport, 'started' | 'stopped' | 'kept'> {
  const was = namesOf(from);
  const is = namesOf(to);
  const started = [...is].filter(([part]) => !was.has(part)).map(([, name]) => name);
  const stopped = [...was].filter(([part]) => !is.has(part)).map(([, name]) => name);
  return { started, stopped, kept: is.size - started.length };
}

function namesOf({ extensions, exporters, gates, stateful, receivers }: Assembly): ReadonlyMap<object, string> {
  const names = new Map<object, string>();
  for (const [id, part] of extensions) names.set(part, `extension "${id}"`);
  for (const [id, part] of exporters) names.set(part, `exporter "${id}"`);
  for (const [id, part] of gates) names.set(part, `processor "${id}"`);
  for (const part of stateful.values()) names.set(part, `${part.kind} "${part.id}" (${part.key})`);
  for (const [id, part] of receivers) names.set(part, `receiver "${id}"`);
  return names;
}
