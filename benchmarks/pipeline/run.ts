/**
 * What a whole process costs: CPU seconds of the operating system's account for a million log records over OTLP/HTTP,
 * beside a program that decodes to objects, in one run. `npm run bench -- [--requests N] [--rounds N] [--jobs a,b] [--save]`
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { generateIdentity, recipientOf, formatRecipient } from '@millrace/codec';
import type { LoadResult } from './load-result.ts';
import { MeasuredProcess } from './measured-process.ts';
import { freshBundle } from '../../scripts/bundle/fresh-bundle.mjs';

const here = import.meta.dirname;
const CLI = freshBundle();
const OTLP_PORT = 24_318;
const CONNECTIONS = 8;
const WARM_UP_REQUESTS = 300;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '3' },
    jobs: { type: 'string', default: 'forward,attributes,sealed' },
    save: { type: 'boolean', default: false },
  },
});
const requests = Number(values.requests);
const rounds = Number(values.rounds);
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-'));
const recipient = formatRecipient(recipientOf(generateIdentity()));

type Job = 'forward' | 'attributes' | 'sealed';

/** One process under one load. */
interface Reading {
  /** CPU seconds per million records. */
  readonly cpu: number;
  readonly peakMib: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
  /** Records that did not arrive. */
  readonly lost: number;
}

function pipelineOf(job: Job, threads: number, target: string): string {
  const processors = job === 'attributes' ? '[attributes]' : '[]';
  const exporter =
    job === 'sealed'
      ? `file: { path: ${target}, format: proto, compression: lz4, encryption: { recipients: [${recipient}] } }`
      : `otlphttp: { endpoint: "${target}", compression: none }`;
  return `
receivers:
  otlp: { protocols: { http: { endpoint: "127.0.0.1:${OTLP_PORT}" } } }
processors:
  attributes:
    actions:
      - { key: session.id, action: delete }
      - { key: deployment.environment.name, value: production, action: insert }
exporters:
  ${exporter}
service:
  workers: { threads: ${threads} }
  telemetry: { metrics: { level: none } }
  pipelines:
    logs: { receivers: [otlp], processors: ${processors}, exporters: [${job === 'sealed' ? 'file' : 'otlphttp'}] }
`;
}

function millrace(job: Job, threads: number, target: string): MeasuredProcess {
  const file = path.join(folder, `${job}-${threads}.yaml`);
  writeFileSync(file, pipelineOf(job, threads, target));
  return new MeasuredProcess([CLI, 'run', '--config', file]);
}

function baseline(job: Job, target: string): MeasuredProcess {
  const url = job === 'sealed' ? target : `${target}/v1/logs`;
  return new MeasuredProcess([path.join(here, 'decode-to-objects.ts'), job, String(OTLP_PORT), url]);
}

async function load(count: number): Promise<LoadResult> {
  const args = [
    '--target',
    `127.0.0.1:${OTLP_PORT}`,
    '--requests',
    String(count),
    '--connections',
    String(CONNECTIONS),
  ];
  const generator = new MeasuredProcess([path.join(here, 'load.ts'), ...args]);
  return JSON.parse(await generator.line(/^\{/)) as LoadResult;
}

async function read(job: Job, start: (target: string) => MeasuredProcess): Promise<Reading> {
  const sink = job === 'sealed' ? undefined : new MeasuredProcess([path.join(here, 'counting-sink.ts')]);
  const target = sink === undefined ? path.join(folder, 'sealed.lz4.age') : await urlOf(sink);
  rmSync(path.join(folder, 'sealed.lz4.age'), { force: true });
  const subject = start(target);
  await subject.line(/ready/);
  const warm = await load(WARM_UP_REQUESTS);
  const before = subject.cpuSeconds();
  const result = await load(requests);
  const cpuSeconds = subject.cpuSeconds() - before;
  const peakMib = subject.rssMib('VmHWM');
  await subject.end('SIGTERM');
  let lost = 0;
  if (sink !== undefined) {
    const counted = sink.line();
    await sink.end('SIGTERM');
    lost = warm.records + result.records - (JSON.parse(await counted) as { logs: number }).logs;
  }
  return {
    cpu: (cpuSeconds / result.records) * 1e6,
    peakMib,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    perSecond: result.records / result.seconds,
    lost,
  };
}

async function urlOf(sink: MeasuredProcess): Promise<string> {
  const { http } = JSON.parse(await sink.line()) as { http: number };
  return `http://127.0.0.1:${http}`;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function summarise(readings: readonly Reading[]): Reading {
  const of = (field: keyof Reading) => median(readings.map((reading) => reading[field]));
  return {
    cpu: of('cpu'),
    peakMib: of('peakMib'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    perSecond: of('perSecond'),
    lost: readings.reduce((sum, { lost }) => sum + lost, 0),
  };
}

interface Row extends Reading {
  readonly job: Job;
  readonly subject: string;
  /** Baseline's CPU divided by this one's. */
  readonly timesCheaper: number;
}

async function compare(job: Job): Promise<Row[]> {
  const subjects: [string, (target: string) => MeasuredProcess][] = [
    ['decode to objects', (target) => baseline(job, target)],
    ['millrace, inline', (target) => millrace(job, 0, target)],
    ['millrace, 1 worker', (target) => millrace(job, 1, target)],
  ];
  const readings = new Map<string, Reading[]>(subjects.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // In turn, so that a machine that slows down slows all of them.
    for (const [name, start] of subjects) readings.get(name)?.push(await read(job, start));
  }
  const sums = subjects.map(([name]) => ({ subject: name, ...summarise(readings.get(name) ?? []) }));
  const base = sums[0]?.cpu ?? Number.NaN;
  return sums.map((sum) => ({ job, ...sum, timesCheaper: base / sum.cpu }));
}

async function bareSeal(): Promise<number> {
  const readings: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const file = path.join(folder, 'bare.lz4.age');
    const bare = new MeasuredProcess([path.join(here, 'bare-seal.ts'), String(requests), file]);
    readings.push((Number(await bare.line(/^[\d.]+$/)) / (requests * 1_000)) * 1e6);
    rmSync(file, { force: true });
  }
  return median(readings);
}

/** From the process's start to its "ready" line, and what it keeps in memory without load, with one worker. */
async function startUp(): Promise<{ readyMs: number; idleMib: number }> {
  const readyMs: number[] = [];
  const idleMib: number[] = [];
  for (let round = 0; round < rounds + 2; round++) {
    const startMs = performance.now();
    const subject = millrace('forward', 1, 'http://127.0.0.1:9');
    await subject.line(/ready/);
    readyMs.push(performance.now() - startMs);
    // The heap is trimmed in the first pause.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    idleMib.push(subject.rssMib('VmRSS'));
    await subject.end('SIGTERM');
  }
  return { readyMs: median(readyMs), idleMib: median(idleMib) };
}

function print(rows: readonly Row[]): void {
  for (const row of rows) {
    const cells = [
      row.job.padEnd(11),
      row.subject.padEnd(19),
      `${row.cpu.toFixed(2).padStart(6)} CPU-s/M`,
      `${row.timesCheaper.toFixed(1).padStart(5)}x`,
      `${(row.perSecond / 1e6).toFixed(2).padStart(5)} M/s`,
      `p50 ${row.p50Ms.toFixed(1)} ms`,
      `p99 ${row.p99Ms.toFixed(1)} ms`,
      `peak ${row.peakMib.toFixed(0)} MiB`,
      `lost ${row.lost}`,
    ];
    console.log(cells.join('  '));
  }
}

const [cpu] = cpus();
console.log(`${cpu?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.versions.node}`);
console.log(`${requests} requests of 1,000 records, ${CONNECTIONS} connections, median of ${rounds} rounds\n`);
const rows: Row[] = [];
for (const job of values.jobs.split(',') as Job[]) {
  const compared = await compare(job);
  print(compared);
  rows.push(...compared);
}
const bareCpu = await bareSeal();
const sealed = rows.findLast(({ job }) => job === 'sealed')?.cpu ?? Number.NaN;
console.log(
  `bare LZ4 + age of the same bytes: ${bareCpu.toFixed(2)} CPU-s/M; sealed file: ${(sealed / bareCpu).toFixed(2)}x`,
);
const start = await startUp();
console.log(`start to ready ${start.readyMs.toFixed(0)} ms, idle ${start.idleMib.toFixed(0)} MiB with one worker`);
if (values.save) {
  const date = new Date().toISOString().slice(0, 10);
  const result = {
    date,
    cpu: cpu?.model,
    cores: cpus().length,
    node: process.versions.node,
    requests,
    rounds,
    rows,
    bareCpu,
    start,
  };
  writeFileSync(path.join(here, `../results/pipeline-${date}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
}
rmSync(folder, { recursive: true, force: true });
