import type { Announcement, Clock, ComponentHost, ComponentStatus, Logger, MemoryUse, Telemetry } from '@millrace/api';
import { FakeState } from './fake-state.ts';
import { Ledger } from './ledger.ts';
import { ManualClock } from './manual-clock.ts';
import { RecordingLogger } from './recording-logger.ts';
import { RecordingTelemetry } from './recording-telemetry.ts';

/** What all fake hosts can be told. */
export interface FakeHostSettings {
  readonly id?: string;
  readonly clock?: ManualClock;
  /** Running extensions by id. */
  readonly extensions?: ReadonlyMap<string, unknown>;
  /** What the component remembers from before. */
  readonly states?: Map<string, FakeState>;
}

/** The part of a host that every kind of component gets: nothing happens, everything is kept. */
export class FakeHost implements ComponentHost {
  readonly id: string;
  readonly manualClock: ManualClock;
  readonly recordedLog = new RecordingLogger();
  readonly recordedTelemetry = new RecordingTelemetry();
  readonly ledger = new Ledger();
  readonly statuses: { readonly status: ComponentStatus; readonly message: string | undefined }[] = [];
  readonly announced: { readonly what: Announcement['what']; readonly place: string }[] = [];
  /** What the component remembers, by storage; to be given to its next host by a test of restarts. */
  readonly states: Map<string, FakeState>;
  readonly version = '0.0.0-test';
  /** What `memory` says. */
  memoryUse: MemoryUse = { rss: 100e6, heapUsed: 20e6, inFlight: 0, inFlightMax: 256 * 1024 * 1024 };
  readonly #extensions: ReadonlyMap<string, unknown>;

  constructor(settings: FakeHostSettings = {}) {
    this.id = settings.id ?? 'under/test';
    this.manualClock = settings.clock ?? new ManualClock();
    this.#extensions = settings.extensions ?? new Map();
    this.states = settings.states ?? new Map();
  }

  // Components take methods off their host: all of them are bound.
  get clock(): Clock {
    return this.manualClock;
  }

  get logger(): Logger {
    return this.recordedLog;
  }

  get telemetry(): Telemetry {
    return this.recordedTelemetry;
  }

  readonly memory = (): MemoryUse => this.memoryUse;
  readonly extension = (id: string): unknown => this.#extensions.get(id);
  readonly state = (storage: string): FakeState => {
    const state = this.states.get(storage) ?? new FakeState();
    this.states.set(storage, state);
    return state;
  };
  readonly reportStatus = (status: ComponentStatus, message?: string): void => {
    this.statuses.push({ status, message });
  };
  readonly announce = (what: Announcement['what'], place: string): void => {
    this.announced.push({ what, place });
  };
}
