import { type Definition, defineReceiver, messageOf, Type } from '@millrace/api';
import type { ResolvedConfig } from '@millrace/config';
import { Collector, type Machine, type ShutdownReport } from '@millrace/engine';
import type { FileSystem, Owner } from '@millrace/delivery';
import { type Fault, type Operation, SimulatedFileSystem } from '@millrace/delivery/simulated-file-system';
import { type SeededRandom, TestReceiver, TestRegistry } from '@millrace/testkit';
import { loadConfigObject, PluginRegistry } from 'millrace';
import { simulatedExporter, simulatedStorage, STORE, witness } from './components.ts';
import { DEAD_LETTERS, DeadLetters } from './dead-letters.ts';
import { Destination } from './destination.ts';
import { FlipLedger } from './flip-ledger.ts';
import { IN_EVERY_REQUEST } from './items.ts';
import { Life, SimulatedClock } from './life.ts';
import { LogBook } from './log-book.ts';
import { type LifeEnd, verdictOn } from './oracle.ts';
import { LAST_EXPORTER, type LifePlan, type Scenario } from './scenario.ts';
import { Senders } from './senders.ts';
import { StoredLedger } from './stored-ledger.ts';
import { Streams } from './streams.ts';
import { Trace } from './trace.ts';

/** A deliberate bug, wrapped around what is injected: to see that the oracle would notice. */
export interface Sabotage {
  readonly files?: (files: FileSystem) => FileSystem;
  readonly definition?: (definition: Definition) => Definition;
  /** Breaks something for the time of one simulation; the result mends it. */
  readonly install?: () => () => void;
  /** Turns another bit over, in the record behind, for each that is known to. */
  readonly flipsTwice?: boolean;
}

export interface Outcome {
  /** What must not be; empty where all promises were kept. */
  readonly violations: readonly string[];
  readonly trace: Trace;
  /** For a test that wants to see that something happens at all. */
  readonly seen: Readonly<Record<string, number>>;
}

const STEP_MS = 50;
const DRAIN_MS_MAX = 40 * 60_000;
/** The longest that a destination holds on to a request after its abort. */
const DEAF_MS_MAX = 13_000;
/** What the collector may take beyond `shutdown_timeout` to close storages and workers. */
const SHUTDOWN_SLACK_MS = 4_000;
const COMPONENTS = new URL('./components.ts', import.meta.url).href;
/** Turns that a start may take: it waits for imports, and for no clock. */
const START_TURNS_MAX = 20_000;
/** The longest that a slow disk takes. */
const SLOW_MS_MAX = 3_000;
/** A supervisor starts again what did not start. */
const STARTS_MAX = 2;

/** Plays a scenario on a simulated computer, and says what was wrong. */
export function simulate(scenario: Scenario, sabotage: Sabotage = {}): Promise<Outcome> {
  return new Simulation(scenario, sabotage).play();
}

class Simulation {
  readonly #scenario: Scenario;
  readonly #sabotage: Sabotage;
  readonly #streams: Streams;
  readonly #clock = new SimulatedClock();
  readonly #trace = new Trace(() => this.#clock.monotonic());
  readonly #disk: SimulatedFileSystem;
  readonly #destinations: ReadonlyMap<string, Destination>;
  readonly #senders: Senders;
  readonly #ends: LifeEnd[] = [];
  readonly #violations: string[] = [];
  readonly #builtIn = new PluginRegistry();
  readonly #registry: TestRegistry;
  readonly #log: LogBook;
  readonly #stored = new StoredLedger();
  readonly #flips = new FlipLedger(this.#stored);
  /** Reports of damage before bits turned over that the next start has to report. */
  #damageBefore: number | undefined;
  readonly #seen = {
    crashes: 0,
    stops: 0,
    flips: 0,
    diskFaults: 0,
    operations: 0,
    failedStarts: 0,
    reloads: 0,
    buried: 0,
  };
  #life: Life | undefined;
  /** Operations of the disk before the present life. */
  #operationsBefore = 0;
  #receiver: TestReceiver | undefined;
  #troubles: LifePlan | undefined;
  #reloaded: ResolvedConfig | undefined;
  /** What a slow disk still does for a dead process looks like its sign of life. */
  #wasSlow = false;

  constructor(scenario: Scenario, sabotage: Sabotage) {
    const { seed, exporters, requests, diskBytes } = scenario;
    this.#scenario = scenario;
    this.#sabotage = sabotage;
    this.#streams = new Streams(seed);
    const around = (name: string) => ({ clock: this.#clock, trace: this.#trace, random: this.#streams.of(name) });
    this.#disk = new SimulatedFileSystem({ seed, capacityBytes: diskBytes, nowMs: () => this.#clock.now() });
    const faults = this.#streams.of('disk');
    this.#disk.fault = (operation) => this.#fault(operation, faults);
    this.#destinations = new Map(exporters.map((plan) => [plan.id, new Destination(plan, around(plan.id))]));
    this.#senders = new Senders(requests, around('senders'));
    this.#log = new LogBook(this.#trace, () => this.#life?.lives === true);
    this.#registry = new TestRegistry(this.#builtIn);
  }

  async play(): Promise<Outcome> {
    const listener = (reason: unknown) => {
      const where = reason instanceof Error ? (reason.stack ?? '').split('\n').slice(1, 4).join(';') : '';
      this.#violations.push(`a rejection that nobody handles: ${messageOf(reason)} ${where}`);
    };
    process.on('unhandledRejection', listener);
    const mend = this.#sabotage.install?.() ?? (() => undefined);
    const stopListening = this.#stored.listen();
    witness.forget();
    // Nobody looks at the places where memory was taken and errors were made; noting them takes a tenth of the time.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      await this.#addDefinitions();
      const registry = this.#registry;
      const { config } = await loadConfigObject(this.#scenario.config, { registry });
      this.#reloaded = (await loadConfigObject(this.#scenario.reloaded, { registry })).config;
      for (const plan of this.#scenario.lives) await this.#live(config, plan);
      await this.#lastLife(config);
      this.#violations.push(...this.#verdict());
      await this.#clock.settle();
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
      stopListening();
      mend();
      process.off('unhandledRejection', listener);
    }
    this.#seen.operations = this.#disk.operations;
    return { violations: this.#violations, trace: this.#trace, seen: { ...this.#seen } };
  }

  async #addDefinitions(): Promise<void> {
    const own: Definition[] = [
      simulatedExporter((id) => (this.#destinations.get(id) as Destination).sinkOf(this.#life as Life)),
      simulatedStorage,
      defineReceiver({
        type: 'test',
        summary: 'Takes what simulated senders send.',
        stability: 'development',
        signals: ['logs', 'traces'],
        config: Type.Object({}),
        examples: [],
        create: (_config, host) => {
          this.#receiver = new TestReceiver(host);
          return {};
        },
      }) as Definition,
    ];
    const spoil = this.#sabotage.definition ?? ((definition) => definition);
    for (const definition of own) this.#registry.add(spoil(definition), COMPONENTS);
    for (const type of ['batch', 'tail_sampling']) {
      const found = await this.#builtIn.find('processor', type);
      if (found !== undefined) this.#registry.add(spoil(found.definition), found.module);
    }
    await this.#registry.addModule(COMPONENTS);
  }

  /** One life that ends as planned, or before. */
  async #live(config: ResolvedConfig, plan: LifePlan): Promise<void> {
    const life = new Life(this.#ends.length, this.#clock);
    this.#troubles = plan;
    const collector = await this.#start(config, life);
    if (collector !== undefined) {
      const began = this.#clock.monotonic();
      const reloads = [...plan.reloadsAtMs];
      let current = config;
      while (life.lives && this.#clock.monotonic() < began + plan.afterMs) {
        await this.#clock.advance(STEP_MS);
        if (reloads[0] === undefined || this.#clock.monotonic() < began + reloads[0]) continue;
        reloads.shift();
        current = current === config ? (this.#reloaded as ResolvedConfig) : config;
        this.#reload(collector, current, life);
      }
      if (life.lives && plan.end === 'stop') await this.#stop(collector, life);
    }
    if (this.#ends.length === life.number) await this.#crash(life, plan);
    this.#senders.disconnect();
    if (collector !== undefined) await this.#bury(collector, life);
    this.#wasSlow = plan.slowness > 0;
    this.#look();
    this.#flip(plan.flips);
  }

  /** At what a thief would find on the disk. */
  #look(): void {
    if (!this.#scenario.encrypted) return;
    const isInClear = (file: string) =>
      file.endsWith('.seg') && this.#disk.inode(file).content.includes(IN_EVERY_REQUEST);
    const found = this.#disk.files.find(isInClear);
    if (found !== undefined) this.#violations.push(`telemetry can be read in ${found}, which is encrypted`);
  }

  /** Puts other settings into effect while everything goes on. */
  #reload(collector: Collector, config: ResolvedConfig, life: Life): void {
    this.#trace.note('reload');
    this.#seen.reloads += 1;
    collector.reload(config).then(
      () => life.lives && this.#trace.note('reloaded'),
      (error: unknown) => {
        if (!life.lives) return;
        const code = (error as { readonly code?: unknown }).code;
        this.#trace.note(`reload failed: ${messageOf(error)}`);
        if (code === 'RELOAD_BUSY' || life.isStopping || this.#mayFail()) return;
        this.#violations.push(`a reload failed: ${messageOf(error)}`);
      },
    );
  }

  /** Whether the disk makes it hard at present. */
  #mayFail(): boolean {
    return this.#troubles !== undefined && (this.#troubles.errors > 0 || this.#scenario.diskBytes < Infinity);
  }

  /** A life without trouble: all that was acknowledged has to arrive. */
  async #lastLife(config: ResolvedConfig): Promise<void> {
    this.#troubles = undefined;
    this.#disk.capacityBytes = Infinity;
    for (const destination of this.#destinations.values()) destination.isWell = true;
    this.#trace.note('trouble ends');
    let life = new Life(this.#ends.length, this.#clock);
    let collector = await this.#start(config, life);
    for (let starts = 1; collector === undefined; starts++) {
      this.#ends.push({ how: 'failed start', leftItems: 0, kept: true, hadDiskTrouble: true });
      if (starts === STARTS_MAX) return;
      life = new Life(this.#ends.length, this.#clock);
      collector = await this.#start(config, life);
    }
    const running = collector;
    const lastAtMs = this.#scenario.requests.at(-1)?.atMs ?? 0;
    const end = Math.max(this.#clock.monotonic(), lastAtMs) + DRAIN_MS_MAX;
    const isDone = () => {
      const { queued, bytesInFlight } = running.snapshot();
      return this.#senders.areDone && queued === 0 && bytesInFlight === 0;
    };
    while (!isDone() && this.#clock.monotonic() < end) await this.#clock.advance(STEP_MS * 5);
    if (!isDone()) {
      const { queued, bytesInFlight } = collector.snapshot();
      const waiting = this.#senders.sent.filter(({ state }) => state !== 'acknowledged' && state !== 'refused');
      this.#violations.push(
        `not all was dealt with long after the trouble ended: ${queued} in queues, ${bytesInFlight} bytes in flight, ${waiting.length} senders wait`,
      );
    }
    const report = await this.#stop(collector, life);
    if (report !== undefined && report.leftItems + report.keptItems + report.openSubmissions > 0) {
      this.#violations.push(`a collector that had nothing to do left ${JSON.stringify(report)}`);
    }
    this.#senders.disconnect();
    await this.#bury(collector, life);
  }

  async #start(config: ResolvedConfig, life: Life): Promise<Collector | undefined> {
    this.#life = life;
    this.#operationsBefore = this.#disk.operations;
    this.#trace.note(`life ${life.number} begins`);
    const collector = await Collector.build({
      config,
      logger: this.#log,
      version: '0.0.0-simulation',
      clock: life.clock,
      machine: this.#machine(life),
      debug: true,
    });
    const error = await this.#untilSettled(collector.start(), life, 0);
    if (error === 'pending') return undefined;
    if (error !== undefined) {
      this.#trace.note(`start failed: ${messageOf(error)}`);
      this.#seen.failedStarts += 1;
      const isSlow = this.#wasSlow && (error as { readonly code?: unknown }).code === 'STORAGE_IN_USE';
      if (!this.#mayFail() && !isSlow) this.#violations.push(`the start failed: ${messageOf(error)}`);
      life.die();
      return undefined;
    }
    life.isUp = true;
    this.#trace.note('it is up');
    if (this.#damageBefore === this.#log.damage)
      this.#violations.push('bits turned over in the storage, and nobody was told');
    this.#damageBefore = undefined;
    this.#senders.connect({ life, receiver: this.#receiver as TestReceiver });
    return collector;
  }

  /** What it was rejected with; `pending` where the life ended before. Time passes in steps, or not at all. */
  async #untilSettled(work: Promise<unknown>, life: Life, stepMs: number): Promise<unknown> {
    const state: { settled: boolean; error: unknown } = { settled: false, error: undefined };
    work.then(
      () => (state.settled = true),
      (error: unknown) => {
        state.settled = true;
        state.error = error;
      },
    );
    for (let turn = 0; !state.settled && life.lives && turn < START_TURNS_MAX; turn++) {
      // Time passes in a start only where it waits for signs of life of another process; for imports, no time does.
      if (stepMs > 0) await this.#clock.advance(stepMs);
      else if (life.isWatching) await this.#clock.advance(STEP_MS);
      else await this.#clock.settle();
    }
    return state.settled ? state.error : 'pending';
  }

  async #stop(collector: Collector, life: Life): Promise<ShutdownReport | undefined> {
    this.#trace.note('shutdown is asked for');
    life.isStopping = true;
    const { shutdownTimeoutMs } = collector.config.service;
    const began = this.#clock.monotonic();
    let report: ShutdownReport | undefined;
    const work = collector.shutdown().then((value) => (report = value));
    await this.#untilSettled(work, life, STEP_MS / 5);
    if (report === undefined) {
      if (life.lives) this.#violations.push('a shutdown did not end');
      return undefined;
    }
    this.#seen.stops += 1;
    const tookMs = this.#clock.monotonic() - began;
    this.#trace.note(`stopped: ${JSON.stringify(report)}`);
    if (tookMs > shutdownTimeoutMs + SHUTDOWN_SLACK_MS) {
      this.#violations.push(`a shutdown took ${tookMs} ms instead of ${shutdownTimeoutMs}`);
    }
    await this.#clock.advance(DEAF_MS_MAX);
    // Power may be cut while it closes.
    if (!life.lives) return undefined;
    const { errors = 0, slowness = 0 } = this.#troubles ?? {};
    const { leftItems, keptItems } = report;
    const hadDiskTrouble = errors + slowness > 0 || this.#scenario.diskBytes < Infinity;
    // What is kept may have left in part: an entry is marked when all of it is delivered.
    this.#ends.push({ how: 'stop', leftItems, kept: keptItems > 0, hadDiskTrouble });
    const { bytesInFlight } = collector.snapshot();
    if (bytesInFlight !== 0 && report.openSubmissions === 0)
      this.#violations.push(`${bytesInFlight} bytes are in flight after a shutdown`);
    const { asking } = this.#senders;
    if (asking.length > 0 && report.openSubmissions === 0) {
      this.#violations.push(`${asking.length} senders have no answer after a shutdown`);
    }
    life.die();
    return report;
  }

  async #crash(life: Life, { end, errors, slowness }: LifePlan): Promise<void> {
    this.#trace.note(life.isUp || life.lives ? `crash: ${end}` : 'crash');
    this.#seen.crashes += 1;
    if (life.lives) {
      life.die();
      // Another crash of the disk that is off changes nothing; what a kill leaves in its cache stays.
      if (end !== 'kill') this.#disk.crash();
    }
    // A process is not gone before what it has asked of the disk is done.
    if (end === 'kill' && slowness > 0) await this.#clock.advance(SLOW_MS_MAX);
    const hadDiskTrouble = errors + slowness > 0 || this.#scenario.diskBytes < Infinity;
    this.#ends.push({ how: 'crash', leftItems: 0, kept: true, hadDiskTrouble });
    await this.#clock.settle();
    if (end === 'power cut') await this.#clock.advance(this.#streams.of(`off ${life.number}`).between(0, 3_000));
  }

  /** Lets go of a dead process, whose timers would keep it: it stops in a time of its own, where nobody hears it. */
  async #bury(collector: Collector, life: Life): Promise<void> {
    life.die();
    const stopped = collector.shutdown();
    stopped.catch(() => undefined);
    for (let round = 0; round < 20; round++) await life.afterwards.advance(2_000);
  }

  #machine(life: Life): Machine {
    const random = this.#streams.of(`jitter ${life.number}`);
    const self: Owner = { pid: 100 + life.number, host: 'sim', boot: 'b', pidNamespace: 'n', started: 's' };
    const wrap = this.#sabotage.files ?? ((files) => files);
    return {
      random: () => random.next(),
      randomBytes: (count) => Uint8Array.from({ length: count }, () => random.between(0, 255)),
      files: () => life.mount(wrap(this.#disk.mount())),
      processes: () => ({ self, fate: (owner) => (owner.pid === self.pid ? 'alive' : 'dead') }),
    };
  }

  #fault({ name, index }: Operation, random: SeededRandom): Fault | undefined {
    const plan = this.#troubles;
    const life = this.#life;
    if (plan === undefined || life === undefined || !life.lives) return undefined;
    const sinceStart = index - this.#operationsBefore;
    if (sinceStart >= plan.crashAtOperation) {
      life.die();
      this.#trace.note(`power is cut at ${name}`);
      return 'crash';
    }
    if (life.isUp && random.chance(plan.slowness)) {
      return { until: new Promise((resolve) => void this.#clock.after(random.between(1, SLOW_MS_MAX), resolve)) };
    }
    if (!random.chance(plan.errors)) return undefined;
    const fault = this.#errorOf(name, random);
    if (fault !== undefined) {
      this.#seen.diskFaults += 1;
      this.#trace.note(`disk: ${name} fails with ${fault}`);
    }
    return fault;
  }

  #errorOf(name: Operation['name'], random: SeededRandom): (Fault & string) | undefined {
    if (name === 'sync' || name === 'read') return 'EIO';
    if (name === 'write') return random.chance(0.5) ? 'EIO' : 'short';
    if (name === 'preallocate' || name === 'truncate') return 'ENOSPC';
    return name === 'unlink' || name === 'rename' || name === 'syncDirectory' ? 'EIO' : undefined;
  }

  /** Turns bits over while nothing runs. */
  #flip(count: number): void {
    this.#damageBefore = undefined;
    const random = this.#streams.of(`flips ${this.#ends.length}`);
    const files = this.#disk.files.filter((file) => isOfCollector(file) && this.#disk.inode(file).length > 0);
    if (count === 0 || files.length === 0) return;
    const before = new Map(files.map((file) => [file, Buffer.from(this.#disk.inode(file).content)]));
    const hitBefore = this.#flips.recordsHit;
    for (let flip = 0; flip < count; flip++) {
      const file = random.pick(files);
      const inode = this.#disk.inode(file);
      // Most of a segment is empty yet.
      const reach = random.chance(0.8) ? Math.min(inode.length, 8_000) : inode.length;
      const offset = random.between(0, reach - 1);
      inode.flip(offset, random.between(0, 7));
      this.#flips.hit(file, before.get(file) as Buffer, offset);
      if (this.#sabotage.flipsTwice === true) inode.flip(Math.min(inode.length - 1, offset + 400), 1);
      this.#seen.flips += 1;
      this.#trace.note(`a bit turns over in ${file}`);
    }
    const isSame = files.every((file) => this.#disk.inode(file).content.equals(before.get(file) as Buffer));
    if (this.#flips.recordsHit > hitBefore && !isSame) this.#damageBefore = this.#log.damage;
  }

  #verdict(): readonly string[] {
    const letters = new DeadLetters(this.#disk);
    const last = this.#destinations.get(LAST_EXPORTER)?.buried.values() ?? [];
    this.#seen.buried = letters.size + [...last].reduce((sum, { size }) => sum + size, 0);
    return verdictOn({
      scenario: this.#scenario,
      destinations: this.#destinations,
      sent: this.#senders.sent,
      strange: this.#senders.strange,
      ends: this.#ends,
      log: this.#log,
      flips: this.#flips,
      reloads: this.#seen.reloads,
      letters,
      witness,
    });
  }
}

/** Files that a collector reads when it starts. */
function isOfCollector(file: string): boolean {
  const isOurs = file.startsWith(`${STORE}/`) || file.startsWith(`${DEAD_LETTERS}/`);
  return isOurs && !file.endsWith('.new') && !file.includes('/quarantine/');
}
