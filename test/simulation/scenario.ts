import type { SeededRandom } from '@millrace/testkit';
import { DEAD_LETTERS } from './dead-letters.ts';
import type { SimulatedSignal } from './items.ts';
import { Streams } from './streams.ts';

/** Kinds of trouble that a scenario may hold; leaving some out tells which ones a failure needs. */
export const TROUBLES = [
  'crashes',
  'flips',
  'disk-errors',
  'slow-disk',
  'full-disk',
  'poison',
  'bad-encoders',
  'refusals',
  'stalls',
  'lies',
  'outages',
  'stops',
  'reloads',
  'little-memory',
] as const;
export type Trouble = (typeof TROUBLES)[number];

/** Where items of a signal must end up: with an exporter, along all ways, or along one of several. */
export type Way = Leaf | AllWays | { readonly any: readonly Way[]; readonly queued: boolean };

export interface Leaf {
  readonly exporter: string;
  /** Whether what was acknowledged may be in memory on the way to it. */
  readonly weak: boolean;
}

export interface AllWays {
  readonly all: readonly Way[];
  /**
   * What may answer a sender before it is known what becomes of its data: `always`, a component that holds it in memory;
   * `in memory`, one that waits only where something behind it is safe.
   */
  readonly answers?: 'always' | 'in memory';
}

export interface ExporterPlan {
  readonly id: string;
  readonly queue: 'none' | 'memory' | 'stored';
  readonly waitsForResult: boolean;
  /** Whether it may give data up because a destination does not take it in time. */
  readonly givesUp: boolean;
  readonly badEncoder: boolean;
  /** Where that goes which it gives up; undefined where it is lost. */
  readonly deadLetter: 'directory' | 'exporter' | undefined;
  /** Whether it gets only what others give up. */
  readonly isDeadLetter: boolean;
  /** Whether it cuts what it has stored into several requests. */
  readonly cuts: boolean;
  /** Weights of what its destination does. */
  readonly mood: { readonly refuses: number; readonly fails: number; readonly stalls: number; readonly lies: number };
  /** From when to when it is away, in ms. */
  readonly outage: { readonly fromMs: number; readonly untilMs: number } | undefined;
}

export interface RequestPlan {
  readonly atMs: number;
  readonly signal: SimulatedSignal;
  readonly ids: readonly number[];
}

/** How one life of the process ends, if it comes to that. */
export interface LifePlan {
  readonly end: 'power cut' | 'kill' | 'stop';
  readonly afterMs: number;
  /** Power is cut at this operation of the disk, if that comes first. */
  readonly crashAtOperation: number;
  /** Probabilities of one operation of the disk. */
  readonly errors: number;
  readonly slowness: number;
  /** When other settings are put into effect, and the first ones again, and so on; in ms since it is up. */
  readonly reloadsAtMs: readonly number[];
  /** Bits that turn over while it is off, afterwards. */
  readonly flips: number;
}

export interface Scenario {
  readonly seed: number;
  readonly troubles: ReadonlySet<Trouble>;
  /** As a configuration file has it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The same pipelines and queues with other settings. */
  readonly reloaded: Readonly<Record<string, unknown>>;
  readonly exporters: readonly ExporterPlan[];
  readonly ways: ReadonlyMap<SimulatedSignal, Way>;
  readonly requests: readonly RequestPlan[];
  /** Ends of all lives but the last one, which has no trouble. */
  readonly lives: readonly LifePlan[];
  readonly diskBytes: number;
  /** Where that goes which steps cannot digest. */
  readonly stagesLeave: 'directory' | 'exporter' | undefined;
  /** Whether the storage is. */
  readonly encrypted: boolean;
}

export interface ScenarioLimits {
  readonly troubles?: ReadonlySet<Trouble>;
  readonly requestsMax?: number;
  readonly livesMax?: number;
}

/** Everything that will happen, but for what follows from it. Each part has a random stream of its own. */
export function drawScenario(seed: number, limits: ScenarioLimits = {}): Scenario {
  const streams = new Streams(seed);
  const troubles = limits.troubles ?? new Set(TROUBLES);
  const random = streams.of('shape');
  const signals = random.pick<readonly SimulatedSignal[]>([['logs'], ['logs'], ['traces'], ['logs', 'traces']]);
  const exporterCount = random.between(1, 4);
  const letters = streams.of('dead letters');
  const stagesLeave = letters.pick([undefined, undefined, 'directory', 'exporter'] as const);
  const exporters = Array.from({ length: exporterCount }, (_, index) =>
    drawExporter(`sim/${index + 1}`, streams.of(`exporter ${index}`), {
      troubles,
      deadLetter: letters.pick([stagesLeave, stagesLeave, undefined, 'directory', 'exporter'] as const),
      isDefault: false,
      samples: signals.includes('traces'),
    }),
  );
  const graph = new GraphDrawing(
    streams.of('graph'),
    exporters.map(({ plan }) => plan),
    troubles,
  );
  const ways = new Map(signals.map((signal) => [signal, graph.draw(signal)]));
  const used = graph.exportersUsed;
  const isLeftTo = ({ plan }: DrawnExporter) => used.has(plan.id) && plan.deadLetter === 'exporter';
  if (stagesLeave === 'exporter' || exporters.some(isLeftTo)) {
    exporters.push(
      drawExporter(LAST_EXPORTER, streams.of('last exporter'), {
        troubles,
        deadLetter: undefined,
        isDefault: true,
        samples: true,
      }),
    );
    used.add(LAST_EXPORTER);
  }
  const storage = streams.of('storage');
  // Outputs come in pieces of 64 KiB; and what samplers hold, they pass on in parcels that need more.
  const samples = Object.keys(graph.processors).some((id) => id.startsWith('tail_sampling'));
  const little = Math.max(storage.pick([128, 200, 400, 1_000]), samples ? 400 : 0) * 1024;
  const budget = storage.chance(0.15) && troubles.has('little-memory') ? little : 2 ** 26;
  const encrypted = storage.chance(0.25);
  const plain = {
    extensions: { sim_storage: { bytes_max: storage.pick([1, 2, 4]) * 1024 * 1024, encrypted } },
    receivers: { test: {} },
    processors: graph.processors,
    connectors: graph.connectors,
    exporters: Object.fromEntries(exporters.filter(({ plan }) => used.has(plan.id)).map((e) => [e.plan.id, e.config])),
    service: {
      extensions: ['sim_storage'],
      workers: { threads: 0 },
      telemetry: { metrics: { level: 'none' } },
      shutdown_timeout: `${storage.pick([200, 1_000, 3_000, 10_000])}ms`,
      bytes_in_flight_max: budget,
      ...(stagesLeave === undefined ? {} : { dead_letter: DEAD_LETTER_SETTINGS[stagesLeave] }),
      pipelines: graph.pipelines,
    },
  };
  const lives = drawLives(streams.of('lives'), troubles).slice(0, limits.livesMax);
  const full = troubles.has('full-disk') && storage.chance(0.15);
  return {
    seed,
    troubles,
    config: plain,
    reloaded: otherSettings(plain, streams.of('reloads')),
    exporters: exporters.map(({ plan }) => plan).filter(({ id }) => used.has(id)),
    ways,
    requests: drawRequests(streams.of('load'), signals).slice(0, limits.requestsMax),
    lives,
    stagesLeave,
    encrypted,
    diskBytes: full ? storage.between(300, 1500) * 1024 : Infinity,
  };
}

/** The exporter that gets what others give up. */
export const LAST_EXPORTER = 'sim/last';
const DEAD_LETTER_SETTINGS = { directory: DEAD_LETTERS, exporter: LAST_EXPORTER } as const;

interface DrawnExporter {
  readonly plan: ExporterPlan;
  readonly config: object;
}

/** `isDefault`: one that gets what others give up; it takes everything in the end. */
function drawExporter(
  id: string,
  random: SeededRandom,
  {
    troubles,
    deadLetter,
    isDefault,
    samples,
  }: {
    readonly troubles: ReadonlySet<Trouble>;
    readonly deadLetter: ExporterPlan['deadLetter'];
    readonly isDefault: boolean;
    /** Whether it may get much in one piece: what a sampler has held, or what was merged. */
    readonly samples: boolean;
  },
): DrawnExporter {
  const kinds = ['none', 'memory', 'stored', 'stored', 'stored'] as const;
  const queue = random.pick(isDefault ? kinds.filter((kind) => kind !== 'memory') : kinds);
  const waits = random.chance(0.3) && queue === 'memory';
  const retries = random.chance(0.85) || isDefault;
  const elapsedMs = isDefault ? 0 : random.pick([0, 0, 4_000, 20_000]);
  const share = (trouble: Trouble, weights: readonly number[]) => {
    const weight = random.pick(weights);
    return troubles.has(trouble) ? weight : 0;
  };
  const fromMs = random.between(0, 15_000);
  const away = random.chance(0.35);
  const untilMs = fromMs + random.between(500, 30_000);
  const every = random.between(20, 60);
  const badEncoder = random.chance(0.08) && troubles.has('bad-encoders') && !isDefault;
  const drawnQueue = queue === 'none' ? undefined : drawQueue(random, { stored: queue === 'stored', waits, samples });
  const plan: ExporterPlan = {
    id,
    queue,
    waitsForResult: waits,
    givesUp: !retries || elapsedMs > 0,
    badEncoder,
    deadLetter,
    isDeadLetter: isDefault,
    cuts: queue === 'stored' && (drawnQueue?.batch?.max_size ?? 0) > 0,
    mood: {
      refuses: isDefault ? 0 : share('refusals', [0, 0, 0.05, 0.2]),
      fails: share('refusals', [0, 0.1, 0.4]),
      stalls: share('stalls', [0, 0.05, 0.2]),
      lies: share('lies', [0, 0, 0.05, 0.2]),
    },
    outage: away && troubles.has('outages') ? { fromMs, untilMs } : undefined,
  };
  const config = {
    timeout: `${random.pick([0, 300, 1_000, 5_000])}ms`,
    retry_on_failure: {
      enabled: retries,
      initial_interval: `${random.pick([50, 200, 1_000])}ms`,
      max_interval: `${random.pick([1_000, 4_000])}ms`,
      randomization_factor: random.pick([0, 0.5]),
      max_elapsed_time: `${elapsedMs}ms`,
    },
    sending_queue: drawnQueue ?? { enabled: false },
    ...(badEncoder ? { fails_at_every: every, name: id } : {}),
    dead_letter: deadLetter === undefined ? 'none' : DEAD_LETTER_SETTINGS[deadLetter],
  };
  return { plan, config };
}

function drawQueue(
  random: SeededRandom,
  { stored, waits, samples }: { readonly stored: boolean; readonly waits: boolean; readonly samples: boolean },
) {
  const sizer = random.pick(['requests', 'items', 'bytes'] as const);
  const room = random.pick([3, 20, 200]);
  // A request may come along several ways at once, and must find room for all.
  const unit = { requests: 4, items: 10, bytes: 8_000 }[sizer];
  const minSize = random.between(0, 20);
  const batch = {
    flush_timeout: `${random.pick([5, 50, 500])}ms`,
    min_size: minSize,
    max_size: random.chance(0.5) ? 0 : minSize + random.between(1, 10),
    sizer: 'items',
  };
  const batches = random.chance(0.5);
  const adapts = random.chance(0.25);
  return {
    enabled: true,
    num_consumers: random.between(1, 4),
    queue_size: Math.max(
      room * unit,
      { requests: 1, items: samples ? 800 : 60, bytes: samples ? 400_000 : 40_000 }[sizer],
    ),
    sizer,
    block_on_overflow: random.chance(0.3),
    wait_for_result: waits,
    ...(stored ? { storage: 'sim_storage', backlog_share: random.pick([0, 0.25, 1]) } : {}),
    ...(batches ? { batch } : {}),
    ...(adapts ? { adaptive_concurrency: { enabled: true, min: 1, max: random.between(1, 6) } } : {}),
  };
}

/** Changes settings of some exporters and batchers that do not change what is promised. */
function otherSettings<C extends { readonly exporters: object; readonly processors: object }>(
  config: C,
  random: SeededRandom,
): C {
  const exporters = Object.entries(config.exporters).map(([id, settings]: [string, { sending_queue: object }]) => {
    const queue = { ...settings.sending_queue, num_consumers: random.between(1, 6) };
    const timeout = `${random.pick([300, 700])}ms`;
    const changed = random.chance(0.6);
    return [id, changed ? { ...settings, timeout, sending_queue: queue } : settings];
  });
  const processors = Object.entries(config.processors).map(([id, settings]: [string, object]) => {
    const changed = random.chance(0.5);
    if (!changed || id.startsWith('poison')) return [id, settings];
    return [id, { ...settings, ...(id.startsWith('batch') ? { timeout: '80ms' } : { decision_wait: '150ms' }) }];
  });
  return { ...config, exporters: Object.fromEntries(exporters), processors: Object.fromEntries(processors) };
}

/** Draws the pipelines, and keeps what they need. */
class GraphDrawing {
  readonly processors: Record<string, unknown> = {};
  readonly connectors: Record<string, unknown> = {};
  readonly pipelines: Record<string, unknown> = {};
  readonly exportersUsed = new Set<string>();
  readonly #random: SeededRandom;
  readonly #exporters: readonly ExporterPlan[];
  readonly #troubles: ReadonlySet<Trouble>;
  #made = 0;

  constructor(random: SeededRandom, exporters: readonly ExporterPlan[], troubles: ReadonlySet<Trouble>) {
    this.#random = random;
    this.#exporters = exporters;
    this.#troubles = troubles;
  }

  draw(signal: SimulatedSignal): Way {
    const entries = this.#random.chance(0.25) ? 2 : 1;
    return { all: Array.from({ length: entries }, () => this.#pipeline(signal, 'test', { depth: 0, weak: false })) };
  }

  #pipeline(signal: SimulatedSignal, from: string, at: { readonly depth: number; readonly weak: boolean }): Way {
    const id = `${signal}/p${++this.#made}`;
    return this.#fill(id, signal, from, at);
  }

  #fill(
    id: string,
    signal: SimulatedSignal,
    from: string,
    { depth, weak }: { readonly depth: number; readonly weak: boolean },
  ): Way {
    const random = this.#random;
    const sampler = signal === 'traces' ? random.pick([undefined, undefined, 'held', 'decided'] as const) : undefined;
    const processors = this.#someProcessors(sampler);
    const isWeak = weak || sampler === 'held';
    const connector = depth < 2 && random.chance(depth === 0 ? 0.4 : 0.15);
    const chosen = connector && random.chance(0.5) ? [] : this.#someExporters();
    const exporters = chosen.map(({ id }) => id);
    const ways: Way[] = chosen.map(({ id: exporter, queue, waitsForResult }) => ({
      exporter,
      weak: isWeak || (queue === 'memory' && !waitsForResult),
    }));
    if (connector) {
      const { name, way } = random.chance(0.6)
        ? this.#failover(signal, depth, isWeak)
        : this.#forward(signal, depth, isWeak);
      exporters.push(name);
      ways.push(way);
    }
    const priority = random.pick(['high', 'normal', 'backlog']);
    this.pipelines[id] = { receivers: [from], processors, exporters, priority };
    if (sampler === 'held') return { all: ways, answers: 'always' };
    const waits = sampler === 'decided' || processors.some((name) => name.startsWith('batch'));
    return { all: ways, ...(waits ? { answers: 'in memory' } : {}) };
  }

  #someExporters(): readonly ExporterPlan[] {
    const random = this.#random;
    const chosen = this.#exporters.filter(() => random.chance(0.5));
    if (chosen.length === 0) chosen.push(random.pick(this.#exporters));
    for (const { id } of chosen) this.exportersUsed.add(id);
    return chosen;
  }

  #someProcessors(sampler: 'held' | 'decided' | undefined): string[] {
    const random = this.#random;
    const names: string[] = [];
    const poisoned = random.chance(0.15);
    const behind = random.chance(0.5);
    const poison = { every: random.between(20, 80) };
    if (random.chance(0.45)) {
      const size = random.between(5, 30);
      const name = `batch/b${++this.#made}`;
      this.processors[name] = {
        timeout: `${random.pick([0, 50, 400])}ms`,
        send_batch_size: size,
        send_batch_max_size: random.chance(0.5) ? 0 : size + random.between(0, 10),
      };
      names.push(name);
    }
    if (sampler !== undefined) {
      const name = `tail_sampling/t${++this.#made}`;
      this.processors[name] = {
        decision_wait: `${random.pick([100, 500, 2_000])}ms`,
        policies: [{ name: 'all', type: 'always_sample' }],
        acknowledge: sampler,
      };
      names.splice(random.between(0, names.length), 0, name);
    }
    if (poisoned && this.#troubles.has('poison')) {
      const name = `poison/x${++this.#made}`;
      this.processors[name] = { ...poison, name };
      if (behind) names.push(name);
      else names.unshift(name);
    }
    return names;
  }

  #failover(signal: SimulatedSignal, depth: number, weak: boolean) {
    const random = this.#random;
    const name = `failover/f${++this.#made}`;
    const queued = random.chance(0.3);
    const levels = Array.from({ length: random.between(2, 3) }, () =>
      Array.from({ length: random.chance(0.2) ? 2 : 1 }, () => `${signal}/p${++this.#made}`),
    );
    this.connectors[name] = {
      priority_levels: levels,
      retry_interval: `${random.pick([500, 5_000])}ms`,
      sending_queue: queued ? { enabled: true, queue_size: random.between(5, 50) } : { enabled: false },
    };
    const inner = { depth: depth + 1, weak: weak || queued };
    const any = levels.map((level) => ({ all: level.map((id) => this.#fill(id, signal, name, inner)) }));
    return { name, way: { any, queued } };
  }

  #forward(signal: SimulatedSignal, depth: number, weak: boolean) {
    const name = `forward/w${++this.#made}`;
    this.connectors[name] = {};
    const count = this.#random.between(1, 2);
    const inner = { depth: depth + 1, weak };
    return { name, way: { all: Array.from({ length: count }, () => this.#pipeline(signal, name, inner)) } };
  }
}

function drawRequests(random: SeededRandom, signals: readonly SimulatedSignal[]): RequestPlan[] {
  const count = random.between(5, 60);
  const requests: RequestPlan[] = [];
  let atMs = 0;
  let id = 1;
  for (let index = 0; index < count; index++) {
    if (!random.chance(0.4)) atMs += random.between(1, random.chance(0.1) ? 3_000 : 300);
    const ids = Array.from({ length: random.between(1, 12) }, () => id++);
    requests.push({ atMs, signal: random.pick(signals), ids });
  }
  return requests;
}

function drawLives(random: SeededRandom, troubles: ReadonlySet<Trouble>): LifePlan[] {
  return Array.from({ length: random.between(0, 4) }, () => {
    const end = random.pick(['power cut', 'power cut', 'kill', 'stop'] as const);
    const afterMs = random.between(0, 8_000);
    const atOperation = random.chance(0.7) ? random.between(0, 120) : Infinity;
    const errors = random.chance(0.25) ? random.pick([0.01, 0.05]) : 0;
    const slowness = random.chance(0.25) ? random.pick([0.02, 0.2]) : 0;
    const flips = random.chance(0.08) ? random.between(1, 3) : 0;
    const reloads = Array.from({ length: random.pick([0, 0, 1, 2, 4]) }, () => random.between(0, 6_000));
    return {
      end,
      afterMs,
      crashAtOperation: end === 'power cut' ? atOperation : Infinity,
      errors: troubles.has('disk-errors') ? errors : 0,
      slowness: troubles.has('slow-disk') ? slowness : 0,
      flips: troubles.has('flips') ? flips : 0,
      reloadsAtMs: troubles.has('reloads') ? reloads.toSorted((a, b) => a - b) : [],
    };
  }).filter(({ end }) => troubles.has(end === 'stop' ? 'stops' : 'crashes'));
}
