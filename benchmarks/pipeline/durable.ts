/**
 * What it costs to seal data to disk before it is acknowledged: one collector with its sending queue in memory, in a
 * storage, and in a storage that does not wait for the disk, in turns. `node benchmarks/pipeline/durable.ts [ROUNDS]`.
 * What the disk itself gives is measured by `benchmarks/micro/storage.ts`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { load, Sink } from './load.ts';
import { MeasuredProcess } from './measured-process.ts';
import { freshBundle } from '../../scripts/bundle/fresh-bundle.mjs';

const CLI = freshBundle();
const OTLP_PORT = 24_328;
const ROUNDS = Number(process.argv[2] ?? 3);

const QUEUES = ['memory', 'stored', 'stored, fsync: false'] as const;
type Queue = (typeof QUEUES)[number];

interface Job {
  readonly name: string;
  readonly requests: number;
  /** Records in a request. */
  readonly batch: number;
  readonly connections: number;
}

const JOBS: readonly Job[] = [
  { name: 'small requests', requests: 20_000, batch: 1, connections: 64 },
  { name: 'large requests', requests: 2_000, batch: 1_000, connections: 8 },
];

interface Reading {
  readonly requestsPerSecond: number;
  readonly megabytesPerSecond: number;
  readonly cpuSeconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lost: number;
}

const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-'));

function configOf(queue: Queue, target: string): string {
  const storage = queue === 'memory' ? '' : 'storage: file_storage, ';
  const fsync = queue !== 'stored, fsync: false';
  const directory = path.join(folder, `store-${Math.random()}`);
  return `
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${OTLP_PORT}" } } } }
exporters: { otlphttp: { endpoint: "${target}", compression: none, sending_queue: { ${storage}queue_size: 1000000 } } }
extensions: { file_storage: { directory: ${directory}, create_directory: true, fsync: ${fsync} } }
service:
  extensions: [file_storage]
  workers: { threads: 1 }
  telemetry: { metrics: { level: none } }
  pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } }
`;
}

function loadOf({ batch, connections }: Job, requests: number) {
  return load({ target: `127.0.0.1:${OTLP_PORT}`, requests, connections, batch });
}

async function read(job: Job, queue: Queue): Promise<Reading> {
  const sink = await Sink.start();
  const file = path.join(folder, 'config.yaml');
  writeFileSync(file, configOf(queue, sink.httpUrl));
  const subject = new MeasuredProcess([CLI, 'run', '--config', file]);
  await subject.line(/ready/);
  const warm = await loadOf(job, job.requests / 10);
  const before = subject.cpuSeconds();
  const result = await loadOf(job, job.requests);
  const cpuSeconds = subject.cpuSeconds() - before;
  await subject.end('SIGTERM');
  const arrived = await sink.items();
  await sink.end();
  return {
    requestsPerSecond: job.requests / result.seconds,
    megabytesPerSecond: (result.acknowledged * result.bytesPerItem) / result.seconds / 1e6,
    cpuSeconds,
    p50Ms: result.latencyMs.p50,
    p99Ms: result.latencyMs.p99,
    lost: warm.acknowledged + result.acknowledged - arrived,
  };
}

function median(readings: readonly Reading[], of: (reading: Reading) => number): number {
  const values = readings.map(of).sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)];
}

for (const job of JOBS) {
  const readings = new Map<Queue, Reading[]>(QUEUES.map((queue) => [queue, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const queue of QUEUES) readings.get(queue)?.push(await read(job, queue));
  }
  const base = median(readings.get('memory') ?? [], ({ requestsPerSecond }) => requestsPerSecond);
  console.log(`${job.name}: ${job.connections} senders, ${job.batch} records each`);
  for (const [queue, own] of readings) {
    const of = (value: (reading: Reading) => number, digits = 0) => median(own, value).toFixed(digits);
    const rate = median(own, ({ requestsPerSecond }) => requestsPerSecond);
    console.log(
      `  ${queue.padEnd(22)} ${rate.toFixed(0)} requests/s (${(rate / base).toFixed(2)} of memory), ${of((each) => each.megabytesPerSecond)} MB/s, ` +
        `${of((each) => each.cpuSeconds, 2)} CPU-s, p50 ${of((each) => each.p50Ms, 1)} ms, p99 ${of((each) => each.p99Ms, 1)} ms, lost ${of((each) => each.lost)}`,
    );
  }
}
rmSync(folder, { recursive: true, force: true });
