import { createServer, connect, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { load, Sink } from '../pipeline/load.ts';
import { MeasuredProcess } from '../pipeline/measured-process.ts';
import { TELEMETRYGEN_BINARY } from './install.ts';
import type { Scenario } from './scenarios.ts';
import type { Ports, Subject } from './subjects.ts';

const START_TIMEOUT_MS = 20_000;
const POLL_MS = 50;
const DRAIN_TIMEOUT_MS = 60_000;

/** One process under one load. */
export interface Reading {
  /** CPU seconds per million items that were sent, of all threads, until the last item had arrived. */
  readonly cpu: number;
  /** Peak of resident memory, start and warm-up included. */
  readonly peakMib: number;
  /** Latency of requests; NaN where the generator does not measure it. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Items that were accepted. */
  readonly perSecond: number;
  /** Items that arrived. */
  readonly received: number;
  /** Items that had to arrive and did not; duplicates count against it. Undefined where it is not known what has to. */
  readonly lost: number | undefined;
  /** Requests that were refused, and sent again. */
  readonly refused: number;
  readonly bytesPerRecord: number;
}

export interface Amount {
  readonly warmUp: number;
  readonly requests: number;
}

/** Starts a subject and a sink, warms up, loads, waits for what is under way, and ends both. */
export async function read(subject: Subject, scenario: Scenario, { warmUp, requests }: Amount): Promise<Reading> {
  const sink = await Sink.start();
  const ports = { http: await freePort(), grpc: await freePort(), sinkHttp: sink.httpPort, sinkGrpc: sink.grpcPort };
  const process = subject.start(scenario, ports);
  try {
    await listening(scenario.protocol === 'grpc' ? ports.grpc : ports.http, process);
    const warm = await loadOf(scenario, ports, { requests: warmUp, turn: 1 });
    const before = await settled(sink, expectedOf(scenario, warm), scenario.settleMs);
    const cpuBefore = process.cpuSeconds();
    const result = await loadOf(scenario, ports, { requests, turn: 2 });
    const expected = expectedOf(scenario, result);
    const target = expected === undefined ? undefined : before + expected;
    const received = (await settled(sink, target, scenario.settleMs)) - before;
    const cpuSeconds = process.cpuSeconds() - cpuBefore;
    return {
      cpu: (cpuSeconds / result.records) * 1e6,
      peakMib: process.rssMib('VmHWM'),
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      perSecond: result.records / result.seconds,
      received,
      lost: expected === undefined ? undefined : expected - received,
      refused: result.refused,
      bytesPerRecord: result.bytesPerRecord,
    };
  } finally {
    await process.end('SIGTERM');
    await sink.end();
  }
}

/** What a load was. */
interface LoadResult {
  readonly records: number;
  readonly seconds: number;
  /** Requests that were answered with an error and sent again. */
  readonly refused: number;
  readonly bytesPerRecord: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function loadOf(
  scenario: Scenario,
  ports: Ports,
  { requests, turn }: { readonly requests: number; readonly turn: number },
): Promise<LoadResult> {
  if (scenario.generator === 'telemetrygen') return telemetrygen(scenario, ports.grpc, requests);
  const { protocol, signal, compression, batch, connections, shape } = scenario;
  const target = `127.0.0.1:${protocol === 'grpc' ? ports.grpc : ports.http}`;
  // What the filter keeps is known of the first seed.
  const seed = signal === 'traces' ? turn : 1;
  const report = await load({ target, protocol, signal, compression, batch, connections, shape, requests, seed });
  return {
    records: report.acknowledged,
    seconds: report.seconds,
    refused: report.retries,
    bytesPerRecord: report.bytesPerItem,
    p50Ms: report.latencyMs.p50,
    p99Ms: report.latencyMs.p99,
  };
}

function flags(options: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** The Collector project's generator; it measures no latency, and makes its own records. */
async function telemetrygen({ connections, batch }: Scenario, port: number, requests: number): Promise<LoadResult> {
  const perWorker = Math.round(requests / connections) * batch;
  const startMs = performance.now();
  const options = {
    'otlp-endpoint': `127.0.0.1:${port}`,
    rate: 0,
    'batch-size': batch,
    workers: connections,
    logs: perWorker,
  };
  const args = ['logs', '--otlp-insecure', ...flags(options)];
  const generator = new MeasuredProcess(args, { command: TELEMETRYGEN_BINARY });
  const code = await generator.end(undefined);
  if (code !== 0) throw new Error(`telemetrygen ended with code ${code}`);
  const seconds = (performance.now() - startMs) / 1_000;
  const records = perWorker * connections;
  return { records, seconds, refused: 0, bytesPerRecord: Number.NaN, p50Ms: Number.NaN, p99Ms: Number.NaN };
}

/** Items that have to arrive of a load. */
function expectedOf({ expected, batch }: Scenario, { records }: LoadResult): number | undefined {
  return expected?.(records / batch);
}

/**
 * Waits until as many items as expected have arrived, or nothing does any more; the number of items at the sink. Metrics
 * of spans come again and again: where it is not known what has to arrive, it does not wait for longer than twice the pause.
 */
async function settled(sink: Sink, expected: number | undefined, pauseMs: number): Promise<number> {
  const target = expected ?? Infinity;
  const deadlineMs = performance.now() + (expected === undefined ? 2 * pauseMs : DRAIN_TIMEOUT_MS);
  let arrived = await sink.items();
  let changedMs = performance.now();
  while (arrived < target && performance.now() < Math.min(deadlineMs, changedMs + pauseMs)) {
    await delay(POLL_MS);
    const now = await sink.items();
    if (now !== arrived) changedMs = performance.now();
    arrived = now;
  }
  return arrived;
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Waits until a port accepts connections. Rejects with the process's output if it ends before. */
async function listening(port: number, subject: MeasuredProcess): Promise<void> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  while (!(await accepts(port))) {
    subject.throwIfEnded();
    if (performance.now() > deadlineMs)
      throw new Error(`nothing listens on port ${port}; it printed:\n${subject.tail}`);
    await delay(POLL_MS);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
