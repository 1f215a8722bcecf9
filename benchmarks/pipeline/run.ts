/**
 * What a whole process costs: CPU seconds of the operating system's account for a million items over OTLP/HTTP, beside
 * a program that decodes to objects, in one run.
 * `npm run bench -- [--requests N] [--rounds N] [--jobs a,b] [--signal logs|traces|metrics] [--shape small|typical|fat|deep] [--save]`
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { generateIdentity, recipientOf, formatRecipient } from '@millrace/codec';
import type { LoadSignal, ShapeName } from '@millrace/load';
import { freshBundle } from '../../scripts/bundle/fresh-bundle.mjs';
import { median } from '../statistics.ts';
import { type Job, JOBS, pipelineOf, sealedFile } from './jobs.ts';
import { load, Sink } from './load.ts';
import { MeasuredProcess } from './measured-process.ts';

const here = import.meta.dirname;
const CLI = freshBundle();
const OTLP_PORT = 24_318;
const CONNECTIONS = 8;
const BATCH = 1_000;
const WARM_UP_REQUESTS = 300;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '3' },
    jobs: { type: 'string', default: JOBS.join(',') },
    signal: { type: 'string', default: 'logs' },
    shape: { type: 'string', default: 'typical' },
    save: { type: 'boolean', default: false },
  },
});
const requests = Number(values.requests);
const rounds = Number(values.rounds);
const signal = values.signal as LoadSignal;
const shape = values.shape as ShapeName;
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-'));
const recipient = formatRecipient(recipientOf(generateIdentity()));

/** One process under one load. */
interface Reading {
  /** CPU seconds per million items. */
  readonly cpu: number;
  readonly peakMib: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
  /** Items that did not arrive, where they were sent on. */
  readonly lost: number;
}

/** Starts a program for a job that sends on to a URL. */
type Start = (job: Job, sink: string) => MeasuredProcess;

function millrace(threads: number): Start {
  return (job, sink) => {
    const file = path.join(folder, `${job}-${threads}.yaml`);
    writeFileSync(file, pipelineOf({ job, signal, threads, port: OTLP_PORT, sink, folder, recipient }));
    return new MeasuredProcess([CLI, 'run', '--config', file]);
  };
}

const baseline: Start = (job, sink) => {
  const target = job === 'sealed' ? sealedFile(folder) : `${sink}/v1/${signal}`;
  return new MeasuredProcess([path.join(here, 'decode-to-objects.ts'), job, signal, String(OTLP_PORT), target]);
};

async function read(job: Job, start: Start): Promise<Reading> {
  rmSync(sealedFile(folder), { force: true });
  const sink = await Sink.start();
  const subject = start(job, sink.httpUrl);
  await subject.line(/ready/);
  const target = `127.0.0.1:${OTLP_PORT}`;
  const settings = { target, connections: CONNECTIONS, batch: BATCH, signal, shape };
  const warm = await load({ ...settings, requests: WARM_UP_REQUESTS, seed: 1 });
  const before = subject.cpuSeconds();
  const result = await load({ ...settings, requests, seed: 2 });
  const cpuSeconds = subject.cpuSeconds() - before;
  const peakMib = subject.rssMib('VmHWM');
  await subject.end('SIGTERM');
  const arrived = await sink.items();
  await sink.end();
  const isForwarded = job === 'forward' || job === 'attributes';
  return {
    cpu: (cpuSeconds / result.acknowledged) * 1e6,
    peakMib,
    p50Ms: result.latencyMs.p50,
    p99Ms: result.latencyMs.p99,
    perSecond: result.itemsPerSecond,
    lost: isForwarded ? warm.acknowledged + result.acknowledged - arrived : 0,
  };
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
  const subjects: [string, Start][] = [
    ['decode to objects', baseline],
    ['millrace, inline', millrace(0)],
    ['millrace, 1 worker', millrace(1)],
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
    const bare = new MeasuredProcess([path.join(here, 'bare-seal.ts'), String(requests), file, signal, shape]);
    readings.push((Number(await bare.line(/^[\d.]+$/)) / (requests * BATCH)) * 1e6);
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
    const subject = millrace(1)('forward', 'http://127.0.0.1:9');
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
console.log(
  `${signal}, ${shape}: ${requests} requests of ${BATCH}, ${CONNECTIONS} connections, median of ${rounds} rounds\n`,
);
const rows: Row[] = [];
for (const job of values.jobs.split(',') as Job[]) {
  const compared = await compare(job);
  print(compared);
  rows.push(...compared);
}
const sealed = rows.findLast(({ job }) => job === 'sealed');
const bareCpu = sealed === undefined ? undefined : await bareSeal();
if (sealed !== undefined && bareCpu !== undefined) {
  const ratio = (sealed.cpu / bareCpu).toFixed(2);
  console.log(`bare LZ4 + age of the same bytes: ${bareCpu.toFixed(2)} CPU-s/M; sealed file: ${ratio}x`);
}
const start = await startUp();
console.log(`start to ready ${start.readyMs.toFixed(0)} ms, idle ${start.idleMib.toFixed(0)} MiB with one worker`);
if (values.save) {
  const date = new Date().toISOString().slice(0, 10);
  const result = {
    date,
    cpu: cpu?.model,
    cores: cpus().length,
    node: process.versions.node,
    signal,
    shape,
    requests,
    rounds,
    rows,
    bareCpu,
    start,
  };
  writeFileSync(path.join(here, `../results/pipeline-${date}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
}
rmSync(folder, { recursive: true, force: true });
