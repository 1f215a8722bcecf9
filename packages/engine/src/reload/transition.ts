import {
  type Announcement,
  type Clock,
  ComponentError,
  type ComponentReport,
  type Kind,
  type Lifecycle,
  type Logger,
  messageOf,
  retryable,
} from '@millrace/api';
import { before } from '../deadline.ts';
import type { ExporterNode } from '../exporter-node.ts';
import { tenureKey } from '../host-factory.ts';
import type { Lifecycles } from '../lifecycles.ts';
import type { StatusBoard } from '../status-board.ts';
import { StorageNode } from '../storage-node.ts';
import { Retirement } from './retirement.ts';
import type { RunningGraph } from './running-graph.ts';

export interface TransitionSettings {
  readonly from: RunningGraph;
  readonly to: RunningGraph;
  /** What earlier reloads have replaced and still ends. */
  readonly older: readonly Retirement[];
  readonly lifecycles: Lifecycles;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly status: StatusBoard;
  /** What cannot be started is reported and left out: on the way back, the rest must run again. */
  readonly isLenient: boolean;
  /** Tells that a shutdown was asked for. */
  readonly closing: Closing;
}

/** Of a shutdown that may come in the middle of a transition. */
export interface Closing {
  readonly isAsked: boolean;
  /** Resolves when it is asked for. */
  readonly asked: Promise<void>;
}

/**
 * The way from one running graph to another, beside it. Whatever both have goes on; what is new is started first, then data
 * is sent the new way, in one turn, and only what holds something that its successor needs (an address, a file, a queue on
 * disk) is stopped before that one starts. When a step fails, `gone` tells what no longer runs.
 */
export class Transition {
  /** Parts that were stopped. */
  readonly gone = new Set<object>();
  readonly #settings: TransitionSettings;
  readonly #retirement: Retirement;
  /** Before anything was started. */
  readonly #said: { readonly reports: readonly ComponentReport[]; readonly announcements: readonly Announcement[] };
  /** Exporters that are ending for their successors. */
  readonly #leaving = new Set<ExporterNode>();
  #isRedirected = false;

  constructor(settings: TransitionSettings) {
    this.#settings = settings;
    const { status } = settings;
    this.#said = { reports: status.components(), announcements: [...status.announcements] };
    const { from, to, older, lifecycles, clock, logger } = settings;
    this.#retirement = new Retirement({ from, to, gone: this.gone, older, lifecycles, clock, logger });
  }

  /** Whether data goes the new way, or something of the old one was stopped. */
  get hasBegun(): boolean {
    return this.#isRedirected || this.gone.size > 0;
  }

  /** Whether a shutdown came when data went the new way already, and the rest was left undone. */
  get isCutShort(): boolean {
    return this.#isRedirected && this.#settings.closing.isAsked;
  }

  /**
   * Resolves when the new graph runs; the old one is left to the retirement. When a shutdown is asked for, nothing is waited
   * for any more: it rejects, or, where data goes the new way already, leaves the rest undone.
   */
  async run(): Promise<Retirement> {
    const { to, closing, isLenient } = this.#settings;
    await this.#startExtensions();
    for (const node of to.parts.deadLetters.values()) if (this.#isNew(node)) await this.#try(() => node.start());
    const late = this.#lateExporters();
    for (const node of late) node.hold();
    await Promise.all(
      [...to.parts.exporters.values()].filter((node) => !late.has(node)).map((node) => this.#open(node)),
    );
    for (const [id, lifecycle] of to.parts.gates)
      await this.#start({ kind: 'processor', id, lifecycle, part: lifecycle });
    for (const node of to.parts.stateful.values()) {
      await this.#start({ kind: node.kind, id: node.id, lifecycle: node.component, part: node });
    }
    if (closing.isAsked && !isLenient) throw shuttingDown();
    to.parts.redirect();
    this.#isRedirected = true;
    try {
      await this.#replaceReceivers();
      if (late.size > 0) await this.#handOver(late);
    } catch (error) {
      this.#refuse(late, error);
      throw error;
    }
    if (this.isCutShort) this.#leaveToOld(late);
    this.#endTenures();
    for (const extension of to.parts.extensions.values()) {
      if (extension instanceof StorageNode) extension.reportUnclaimed();
    }
    return this.#retirement;
  }

  /** Stops what was started, when nothing has begun yet. */
  async undo(): Promise<void> {
    const { to, from, lifecycles } = this.#settings;
    const { parts } = to;
    const stop = (kind: Kind, id: string, part: object, lifecycle: Lifecycle) =>
      this.#isNew(part) ? lifecycles.stop({ kind, id, lifecycle }, { isReplaced: true }) : undefined;
    for (const node of parts.stateful.values()) await stop(node.kind, node.id, node, node.component);
    for (const [id, gate] of parts.gates) await stop('processor', id, gate, gate);
    for (const [id, node] of parts.exporters) {
      const shutdown = async () => {
        await node.drain(this.#settings.clock.monotonic());
        await node.stop();
      };
      await stop('exporter', id, node, { shutdown });
    }
    for (const node of parts.deadLetters.values()) if (this.#isNew(node)) await node.shutdown();
    for (const [id, extension] of [...parts.extensions].toReversed()) await stop('extension', id, extension, extension);
    if (to.mill !== from.mill) await to.mill.shutdown();
    for (const [key, tenure] of parts.tenures) if (from.parts.tenures.get(key) !== tenure) tenure.isOver = true;
  }

  /** Shows of every component that runs what it said before. */
  showAgain(running: RunningGraph): void {
    const { status } = this.#settings;
    const { reports, announcements } = this.#said;
    for (const { kind, id } of status.components()) {
      if (!running.parts.tenures.has(tenureKey(kind, id))) status.forget(kind, id);
    }
    for (const report of reports) {
      const { kind, id } = report;
      const tenure = this.#settings.from.parts.tenures.get(tenureKey(kind, id));
      // What was started again has spoken for itself.
      if (tenure === undefined || running.parts.tenures.get(tenureKey(kind, id)) !== tenure) continue;
      status.withdraw(kind, id);
      for (const each of announcements) if (each.kind === kind && each.id === id) status.announce(each);
      status.set(report);
    }
  }

  #isNew(part: object): boolean {
    return !this.#settings.to.parts.kept.has(part);
  }

  async #startExtensions(): Promise<void> {
    const { from, to, status, lifecycles } = this.#settings;
    for (const [id, lifecycle] of to.parts.extensions) {
      const old = from.parts.extensions.get(id);
      // Both would want the same address.
      if (this.#isNew(lifecycle) && old !== undefined && !this.gone.has(old) && this.#listens('extension', id)) {
        this.gone.add(old);
        await lifecycles.stop({ kind: 'extension', id, lifecycle: old }, { isReplaced: true });
        status.withdraw('extension', id);
      }
      await this.#start({ kind: 'extension', id, lifecycle, part: lifecycle });
    }
  }

  #listens(kind: Kind, id: string): boolean {
    return this.#announced(kind, id, 'listens');
  }

  #announced(kind: Kind, id: string, what: string): boolean {
    const { announcements } = this.#settings.status;
    return announcements.some((each) => each.kind === kind && each.id === id && each.what === what);
  }

  /** Exporters that have to wait until others are gone, whose queue on disk they continue, or which write files as they do. */
  #lateExporters(): ReadonlySet<ExporterNode> {
    const { to } = this.#settings;
    const holders = this.#holders();
    const fresh = [...to.parts.exporters.values()].filter((node) => this.#isNew(node));
    return new Set(fresh.filter((node) => holders.some((holder) => wantsWhatHolds(node, holder))));
  }

  /** Old exporters that go and hold something that others may want. */
  #holders(): readonly Holder[] {
    return this.#retirement.exporters
      .map((node) => ({ node, writes: this.#announced('exporter', node.id, 'writes') }))
      .filter(({ node, writes }) => node.isStored || writes);
  }

  async #replaceReceivers(): Promise<void> {
    const { from, to, lifecycles, clock, status } = this.#settings;
    const stopping: Promise<void>[] = [];
    const all: Promise<void>[] = [];
    for (const [id, node] of from.parts.receivers) {
      if (to.parts.receivers.get(id) === node || this.gone.has(node)) continue;
      this.gone.add(node);
      const isReplaced = to.parts.receivers.has(id);
      const stopped = lifecycles.stop({ kind: 'receiver', id, lifecycle: node.lifecycle }, { isReplaced });
      // A listener is closed at once; only requests under way are waited for.
      if (!this.#listens('receiver', id)) stopping.push(stopped);
      all.push(stopped);
      if (isReplaced) status.withdraw('receiver', id);
    }
    this.#retirement.waitFor(Promise.all(all));
    await this.#before(clock.monotonic() + HANDOVER_MS, Promise.all(stopping));
    for (const [id, node] of to.parts.receivers) {
      await this.#start({ kind: 'receiver', id, lifecycle: node.lifecycle, part: node });
    }
  }

  /** What is under way to an exporter whose successor cannot take it is let through first. */
  async #handOver(late: ReadonlySet<ExporterNode>): Promise<void> {
    const { to, clock, closing } = this.#settings;
    const end = clock.monotonic() + HANDOVER_MS;
    const holders = this.#holders().filter((holder) => [...late].some((node) => wantsWhatHolds(node, holder)));
    const isBlocked = ({ node }: Holder) => !node.canLeadTo(to.parts.exporters.get(node.id));
    if (holders.some(isBlocked)) await this.#before(end, this.#retirement.settled());
    if (this.isCutShort) return;
    const leaving = this.#leaving;
    for (const { node } of holders) leaving.add(node);
    for (const node of leaving) this.gone.add(node);
    const handingOver = [...leaving].map(async (node) => {
      await this.#replaceExporter(node, end);
      leaving.delete(node);
    });
    await Promise.race([Promise.all(handingOver), closing.asked]);
    // A shutdown has them end in its own time.
    for (const node of leaving) this.gone.delete(node);
    if (this.isCutShort) return;
    await Promise.all([...late].map((node) => this.#open(node)));
    if (this.isCutShort) return;
    for (const node of late) node.admitAll();
  }

  async #replaceExporter(old: ExporterNode, end: number): Promise<void> {
    const { to, clock, lifecycles, status } = this.#settings;
    const { id } = old;
    const successor = to.parts.exporters.get(id);
    status.withdraw('exporter', id);
    const shutdown = async () => {
      await old.handOver(successor, Math.max(end, clock.monotonic() + HANDOVER_MS));
      await old.stop();
    };
    await lifecycles.stop({ kind: 'exporter', id, lifecycle: { shutdown } }, { isReplaced: successor !== undefined });
  }

  /** What waits for an exporter that will not start goes to the old one, as long as that takes it. */
  #leaveToOld(late: ReadonlySet<ExporterNode>): void {
    const { exporters } = this.#settings.from.parts;
    for (const node of late) {
      const old = exporters.get(node.id);
      node.giveWayTo(old === undefined || this.#leaving.has(old) || this.gone.has(old) ? undefined : old);
    }
  }

  /** Who waits for an exporter that could not be started hears it, and sends again. */
  #refuse(late: ReadonlySet<ExporterNode>, cause?: unknown): void {
    const refusal = retryable('the configuration is being changed', { code: 'RELOADING', cause });
    for (const node of late) node.refuseAll(refusal);
  }

  /** Waits, but not beyond the time for it, nor when a shutdown is asked for. */
  async #before(end: number, work: Promise<unknown>): Promise<void> {
    const { clock, closing } = this.#settings;
    await before(clock, end, Promise.race([work, closing.asked]));
  }

  async #open(node: ExporterNode): Promise<void> {
    if (!this.#isNew(node)) return;
    const living = { kind: 'exporter', id: node.id, lifecycle: { start: () => node.start() }, part: node } as const;
    const isUp = await this.#start(living);
    if (isUp || !this.#settings.closing.isAsked) await this.#try(() => node.deliver());
  }

  /** Says whether it runs. */
  async #start(living: { kind: Kind; id: string; lifecycle: Lifecycle; part: object }): Promise<boolean> {
    const { lifecycles, to } = this.#settings;
    if (!this.#isNew(living.part)) return true;
    return this.#try(() => lifecycles.start(living, to.config.service.startTimeoutMs));
  }

  /** Says whether it went well, where it need not. */
  async #try(work: () => Promise<void>): Promise<boolean> {
    const { isLenient, logger } = this.#settings;
    try {
      await work();
      return true;
    } catch (error) {
      if (!isLenient && !this.isCutShort) throw error;
      if (!this.isCutShort) logger.error('could not be started again', { reason: messageOf(error) });
      return false;
    }
  }

  /** What is replaced says nothing more for its name; what is gone is not shown any more. */
  #endTenures(): void {
    const { from, to, status } = this.#settings;
    for (const [key, tenure] of from.parts.tenures) {
      const next = to.parts.tenures.get(key);
      if (next !== tenure) tenure.isOver = true;
    }
    for (const { kind, id } of status.components()) {
      const key = tenureKey(kind, id);
      if (from.parts.tenures.has(key) && !to.parts.tenures.has(key)) status.forget(kind, id);
    }
  }
}

/** Refuses a reload that comes with a shutdown, or after it. */
export function shuttingDown(): ComponentError {
  return new ComponentError('the collector is shutting down', { code: 'RELOAD_CLOSED' });
}

/** An exporter that goes. */
interface Holder {
  readonly node: ExporterNode;
  /** Whether it has files open. */
  readonly writes: boolean;
}

/** A queue on disk, or files that only exporters of the same type write. */
function wantsWhatHolds(node: ExporterNode, { node: old, writes }: Holder): boolean {
  return (node.isStored && old.isStored && node.id === old.id) || (writes && node.type === old.type);
}

/** What what is under way may take before a successor starts. */
const HANDOVER_MS = 10_000;
