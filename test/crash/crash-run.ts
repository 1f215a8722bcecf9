import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SeededRandom } from '@millrace/testkit';
import { launchCollector, type Millrace } from '../harness/millrace.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { AckedLoad } from './acked-load.ts';
import { CountingBackend, type Mood } from './counting-backend.ts';

/** What a run does, again and again, before it kills. */
export interface CrashRunOptions {
  readonly cycles: number;
  readonly seed: number;
  readonly threads?: number;
  /** Further settings of the sending queue, and of the storage. */
  readonly queue?: string;
  readonly storage?: string;
  readonly folder?: string;
  /** Whether the queue is in a storage, which is the default, or in memory. */
  readonly stored?: boolean;
  /** Share of the cycles that are killed before the collector is ready. */
  readonly duringStart?: number;
  /** Whether each kill comes during a reload that replaces the exporter. */
  readonly duringReload?: boolean;
  readonly bodyBytes?: number;
  /** How long to wait for everything to arrive in the end. */
  readonly patienceMs?: number;
}

/** What came of a run. */
export interface CrashReport {
  readonly acknowledged: number;
  /** Ids that were acknowledged and never came. */
  readonly lost: readonly string[];
  /** Ids that came more than once. */
  readonly duplicates: number;
  /** Ids that came again although they had been delivered long before the collector was killed. */
  readonly lateDuplicates: readonly string[];
  readonly refused: number;
  readonly killedDuringStart: number;
}

/** `sending_queue` settings of a queue that is never full. */
export const LARGE = 'queue_size: 1000000';

/** How long a start takes, about, before that is known. */
const START_MS = 400;

const IDS_PER_REQUEST = 3;

/**
 * How long before a kill a delivery may have been for it to be repeated: marks of what is done are written at once, but
 * not for each, and this machine may be busy.
 */
const REPEATED_MS_MAX = 3_000;

/** Kills a collector under load with signal 9, at random moments and with the backend in random moods, and counts. */
export async function crashRun(options: CrashRunOptions): Promise<CrashReport> {
  const { cycles, seed, duringStart = 0.15, bodyBytes = 0 } = options;
  const random = new SeededRandom(seed);
  const backend = await CountingBackend.start();
  const cwd = options.folder ?? temporaryFolder();
  const load = new AckedLoad({ senders: 8, idsPerRequest: IDS_PER_REQUEST, bodyBytes });
  const launch = () => launchCollector(configOf(backend, options), { cwd, threads: options.threads ?? 0 });
  const kills: number[] = [];
  let killedDuringStart = 0;
  let startMs = START_MS;
  for (let cycle = 0; cycle < cycles; cycle++) {
    backend.mood = random.pick<Mood>(['takes', 'takes', 'takes', 'refuses', 'takes silently', 'hangs']);
    const launched = performance.now();
    const collector = launch();
    const early = random.chance(duringStart) && (await isStarting(collector, random.next() * startMs));
    if (early) killedDuringStart += 1;
    else {
      await collector.ready();
      startMs = performance.now() - launched;
      load.aim(collector.http());
      await Promise.race([load.reached(load.acknowledged.length + random.between(1, 600)), pause(1_500)]);
      // In the middle of something, not at an acknowledgement.
      if (options.duringReload === true) {
        const consumers = 5 + cycle;
        writeFileSync(join(collector.cwd, 'config.yaml'), configOf(backend, options, consumers));
        collector.signal('SIGHUP');
        await collector.logged('reloading the configuration');
      }
      await pause(random.between(0, 40));
    }
    await collector.stop('SIGKILL');
    kills.push(performance.now());
    load.aim(undefined);
  }
  await load.end();
  backend.mood = 'takes';
  const last = await launch().ready();
  await Promise.race([backend.until(load.acknowledged), pause(options.patienceMs ?? 60_000)]);
  await last.stop();
  return { ...accountOf(backend, load.acknowledged, kills), refused: load.refused, killedDuringStart };
}

/** Waits for so long, unless the collector is ready before. Says whether it is not. */
async function isStarting(collector: Millrace, ms: number): Promise<boolean> {
  return Promise.race([collector.ready().then(() => false), pause(ms).then(() => true)]);
}

function accountOf(backend: CountingBackend, acknowledged: readonly string[], kills: readonly number[]) {
  const lateDuplicates: string[] = [];
  let duplicates = 0;
  for (const [id, times] of backend.arrivals) {
    if (times.length === 1) continue;
    duplicates += 1;
    for (const [index, time] of times.slice(0, -1).entries()) {
      const again = times[index + 1];
      // Without a kill in between it was tried again: the answer came too late, or never.
      const kill = kills.find((each) => each > time && each < again);
      if (kill === undefined || backend.silent.has(id)) continue;
      const ageMs = Math.round(kill - time);
      if (ageMs > REPEATED_MS_MAX) lateDuplicates.push(`${id}: delivered ${ageMs} ms before the kill`);
    }
  }
  const lost = acknowledged.filter((id) => !backend.arrivals.has(id));
  return { acknowledged: acknowledged.length, lost, duplicates, lateDuplicates };
}

function configOf(
  backend: CountingBackend,
  { queue = LARGE, storage = 'min_free_space: 0', stored = true }: CrashRunOptions,
  consumers = 4,
): string {
  return `
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }
exporters:
  otlphttp:
    endpoint: "${backend.url}"
    encoding: json
    compression: none
    timeout: 3s
    sending_queue: { ${stored ? 'storage: file_storage, ' : ''}num_consumers: ${consumers}, ${queue} }
    retry_on_failure: { initial_interval: 20ms, max_interval: 100ms, max_elapsed_time: 0 }
extensions: { file_storage: { directory: store, create_directory: true, ${storage} } }
service:
  extensions: [file_storage]
  pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } }
`;
}
