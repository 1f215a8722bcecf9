import { type Clock, type Logger, messageOf } from '@millrace/api';
import type { Remains } from '@millrace/delivery';
import type { ExporterNode } from '../exporter-node.ts';
import type { Lifecycles, Living } from '../lifecycles.ts';
import type { RunningGraph } from './running-graph.ts';

export interface RetirementSettings {
  readonly from: RunningGraph;
  readonly to: RunningGraph;
  /** Parts of `from` that were stopped already. */
  readonly gone: ReadonlySet<object>;
  /** Earlier ones that are not finished: what they still pass on may come to parts that this one ends. */
  readonly older: readonly Retirement[];
  readonly lifecycles: Lifecycles;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The end of what a reload has replaced: nothing new comes in, what is there is delivered, in as much time as it takes, and
 * what nobody needs any more is stopped.
 */
export class Retirement {
  readonly #settings: RetirementSettings;
  readonly #remains: Remains[] = [];
  readonly #drained = new Set<ExporterNode>();
  #intakeEnded: Promise<unknown> = Promise.resolve();
  #older: readonly Retirement[];
  #flushed: Promise<void> | undefined;
  #settled: Promise<void> | undefined;
  #finished: Promise<void> | undefined;
  #deadlineMs: number | undefined;

  constructor(settings: RetirementSettings) {
    this.#settings = settings;
    this.#older = settings.older;
  }

  get openSubmissions(): number {
    return [...this.#settings.from.parts.stages.values()].reduce((sum, stage) => sum + stage.openSubmissions, 0);
  }

  /** Exporters of the old graph that are not in the new one, and have not been stopped. */
  get exporters(): readonly ExporterNode[] {
    const { from, to, gone } = this.#settings;
    return [...from.parts.exporters.values()].filter(
      (node) => to.parts.exporters.get(node.id) !== node && !gone.has(node),
    );
  }

  /** Receivers that go; what they still take in comes before everything else ends. */
  waitFor(receiversStopped: Promise<unknown>): void {
    this.#intakeEnded = receiversStopped;
  }

  /** Has stateful components that go pass on what they hold, upstream ones first. */
  flush(): Promise<void> {
    this.#flushed ??= this.#flush();
    return this.#flushed;
  }

  /** Resolves when all that was submitted to the old stages is settled. */
  settled(): Promise<void> {
    this.#settled ??= this.#settle();
    return this.#settled;
  }

  async #settle(): Promise<void> {
    const { from } = this.#settings;
    await Promise.all(this.#older.map((each) => each.settled()));
    this.#older = [];
    await this.flush();
    for (const { plan, entry } of from.graph.stages.toReversed()) {
      if (entry.from === 'stateful') await this.#settleComponent(entry.key);
      await from.parts.stages.get(plan.id)?.drained();
    }
    for (const [key, node] of from.parts.stateful) if (this.#leaves(node, 'stateful', key)) node.holder.warnOfHeld();
  }

  /** Waits for everything, and stops it. Never rejects. */
  finish(): Promise<void> {
    this.#finished ??= this.#finish();
    return this.#finished;
  }

  /** No more time than until `deadlineMs` on the clock's monotonic time. What could not be delivered is told. */
  async hurry(deadlineMs: number): Promise<Remains> {
    this.#deadlineMs = deadlineMs;
    await Promise.all(this.exporters.map((node) => this.#drain(node)));
    await this.finish();
    return {
      leftItems: this.#remains.reduce((sum, { leftItems }) => sum + leftItems, 0),
      keptItems: this.#remains.reduce((sum, { keptItems }) => sum + keptItems, 0),
    };
  }

  async #flush(): Promise<void> {
    const { from } = this.#settings;
    await this.#handedOver();
    await Promise.all(this.#older.map((each) => each.flush()));
    for (const [key, node] of [...from.parts.stateful].toReversed()) {
      if (!this.#leaves(node, 'stateful', key)) continue;
      await this.#stop({ kind: node.kind, id: node.id, lifecycle: node.component });
      for (const spec of from.graph.stages) {
        if (spec.entry.from === 'stateful' && spec.entry.key === key) {
          await from.parts.stages.get(spec.plan.id)?.handedOver();
        }
      }
    }
  }

  /** Resolves when nothing is on the way to a component any more, in any stage. */
  async #handedOver(): Promise<void> {
    const { from } = this.#settings;
    await this.#intakeEnded;
    for (const stage of from.parts.stages.values()) await stage.handedOver();
  }

  async #settleComponent(key: string): Promise<void> {
    const { from, logger } = this.#settings;
    const node = from.parts.stateful.get(key);
    if (node === undefined || !this.#leaves(node, 'stateful', key)) return;
    try {
      await node.component.settled?.();
    } catch (error) {
      logger.error('component failed to settle', { component: node.id, reason: messageOf(error) });
    }
  }

  async #finish(): Promise<void> {
    const { from, to } = this.#settings;
    await this.settled();
    for (const { intakes } of from.parts.receivers.values()) {
      for (const intake of intakes.values()) if (!this.#isFollowed(intake)) intake.close();
    }
    for (const wave of from.graph.deadLetters.waves) {
      const nodes = this.exporters.filter(({ id }) => wave.includes(id));
      await Promise.all(nodes.map((node) => this.#stopWhenEmpty(node)));
    }
    for (const [id, lifecycle] of from.parts.gates) {
      if (this.#leaves(lifecycle, 'gates', id)) await this.#stop({ kind: 'processor', id, lifecycle });
    }
    for (const [directory, node] of from.parts.deadLetters) {
      if (this.#leaves(node, 'deadLetters', directory)) await node.shutdown();
    }
    for (const [id, lifecycle] of [...from.parts.extensions].toReversed()) {
      if (this.#leaves(lifecycle, 'extensions', id)) await this.#stop({ kind: 'extension', id, lifecycle });
    }
    if (from.mill !== to.mill) await from.mill.shutdown();
  }

  #isFollowed(intake: unknown): boolean {
    return [...this.#settings.to.parts.receivers.values()].some(({ intakes }) =>
      [...intakes.values()].some((each) => each === intake),
    );
  }

  #leaves(part: object, section: 'stateful' | 'gates' | 'extensions' | 'deadLetters', key: string): boolean {
    const { to, gone } = this.#settings;
    return to.parts[section].get(key) !== part && !gone.has(part);
  }

  /** A queue in memory goes with its exporter: it is left alone for as long as something is in it. */
  async #stopWhenEmpty(node: ExporterNode): Promise<void> {
    const { clock } = this.#settings;
    while (node.queued > 0 && this.#deadlineMs === undefined) {
      await new Promise<void>((resolve) => void clock.after(LOOK_AGAIN_MS, resolve));
    }
    await this.#drain(node);
    await this.#stop({ kind: 'exporter', id: node.id, lifecycle: { shutdown: () => node.stop() } });
  }

  async #drain(node: ExporterNode): Promise<void> {
    const { clock } = this.#settings;
    const remains = await node.drain(this.#deadlineMs ?? clock.monotonic() + DRAIN_MS);
    if (this.#drained.has(node)) return;
    this.#drained.add(node);
    this.#remains.push(remains);
  }

  async #stop(living: Living): Promise<void> {
    await this.#settings.lifecycles.stop(living, { isReplaced: true });
  }
}

/** How often a queue is looked at that has to empty. */
const LOOK_AGAIN_MS = 20;

/** What an empty queue may take to end. */
const DRAIN_MS = 10_000;
