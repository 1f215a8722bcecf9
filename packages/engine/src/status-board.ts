import type {
  Announcement,
  Clock,
  CollectorView,
  ComponentReport,
  ComponentStatus,
  Kind,
  Logger,
  PipelineReport,
} from '@millrace/api';

/** What every component last said of itself. */
export class StatusBoard implements CollectorView {
  readonly #reports = new Map<string, ComponentReport>();
  #announcements: Announcement[] = [];
  readonly #clock: Clock;
  readonly startedAtMs: number;
  ready = false;
  /** Set by the collector, which knows them. */
  pipelines: () => readonly PipelineReport[] = () => [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.startedAtMs = clock.now();
  }

  components(): readonly ComponentReport[] {
    return [...this.#reports.values()];
  }

  get announcements(): readonly Announcement[] {
    return this.#announcements;
  }

  announce(announcement: Announcement): void {
    this.#announcements.push(announcement);
  }

  /** Takes back where a component is found, before another one of its name says so for itself. */
  withdraw(kind: Kind, id: string): void {
    this.#announcements = this.#announcements.filter((each) => each.kind !== kind || each.id !== id);
  }

  /** Leaves a component out that is not part of the collector any more. */
  forget(kind: Kind, id: string): void {
    this.withdraw(kind, id);
    this.#reports.delete(`${kind}:${id}`);
  }

  /** Sets a component's state; a change is logged. */
  set(entry: { kind: Kind; id: string; status: ComponentStatus; message?: string | undefined }, logger?: Logger): void {
    const key = `${entry.kind}:${entry.id}`;
    const before = this.#reports.get(key);
    if (before?.status === entry.status && before.message === entry.message) return;
    this.#reports.set(key, {
      kind: entry.kind,
      id: entry.id,
      status: entry.status,
      message: entry.message,
      sinceMs: before?.status === entry.status ? before.sinceMs : this.#clock.now(),
    });
    if (before?.status !== entry.status) announce(entry, before?.status, logger);
  }
}

function announce(
  entry: { kind: Kind; id: string; status: ComponentStatus; message?: string | undefined },
  before: ComponentStatus | undefined,
  logger: Logger | undefined,
): void {
  if (entry.status === 'permanent_error') logger?.error('component failed', { reason: entry.message });
  else if (entry.status === 'recoverable_error') logger?.warn('component is failing', { reason: entry.message });
  else if (entry.status === 'ok' && before === 'recoverable_error') logger?.info('component recovered');
}
