/**
 * Load generator, a process of its own so that its cost is not the measured one. Posts export requests over
 * connections that are kept, each request as soon as the one before is answered. Prints a JSON line at the end.
 * Options: --target HOST:PORT [--protocol http|grpc] [--signal logs|traces] [--requests N] [--connections N]
 * [--batch RECORDS] [--record-bytes 100|300|2000] [--compression none|gzip|zstd] [--first N]
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { logRequests, type RecordBytes } from '../corpus/log-requests.ts';
import { TraceIds, traceRequests } from '../corpus/trace-requests.ts';
import { compressed, type Compression } from './compression.ts';
import { grpcSender, httpSender, type Sender, type Signal } from './senders.ts';
import { distinctRequests, type LoadResult } from './load-result.ts';

/** A refused request is sent again after this, as a sender would. */
const REFUSED_WAIT_MS = 10;

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    protocol: { type: 'string', default: 'http' },
    signal: { type: 'string', default: 'logs' },
    requests: { type: 'string', default: '100' },
    connections: { type: 'string', default: '8' },
    batch: { type: 'string', default: '1000' },
    'record-bytes': { type: 'string', default: '300' },
    compression: { type: 'string', default: 'none' },
    first: { type: 'string', default: '0' },
  },
});
const total = Number(values.requests);
const batch = Number(values.batch);
/** Number of the first request: two loads of one process differ in their trace ids. */
const first = Number(values.first);
const signal = values.signal as Signal;
const compression = values.compression as Compression;
const distinct = distinctRequests(batch);
const bodies =
  signal === 'traces'
    ? traceRequests(distinct, batch)
    : logRequests(distinct, batch, 1, Number(values['record-bytes']) as RecordBytes);
const bytes = bodies.reduce((sum, body) => sum + body.length, 0) / distinct / batch;
const payloads = bodies.map((body) => compressed(body, compression));
const traceIds = signal === 'traces' ? new TraceIds() : undefined;
if (traceIds !== undefined && compression !== 'none') throw new Error('traces are sent without compression');

const latenciesMs: number[] = [];
let begun = 0;
let refused = 0;

function newSender(): Sender {
  const settings = { target: values.target ?? '', signal, compression };
  return values.protocol === 'grpc' ? grpcSender(settings) : httpSender(settings);
}

async function connection(send: Sender): Promise<void> {
  while (begun < total) {
    const number = begun++;
    const payload = payloads[number % distinct];
    const body = traceIds?.renumber(payload, first + number) ?? payload;
    let startMs = performance.now();
    while (!(await send(body))) {
      refused++;
      await delay(REFUSED_WAIT_MS);
      startMs = performance.now();
    }
    latenciesMs.push(performance.now() - startMs);
  }
}

const startMs = performance.now();
await Promise.all(Array.from({ length: Number(values.connections) }, () => connection(newSender())));
const seconds = (performance.now() - startMs) / 1_000;
latenciesMs.sort((a, b) => a - b);
const percentile = (share: number) => latenciesMs[Math.floor((latenciesMs.length - 1) * share)];
const result: LoadResult = {
  records: total * batch,
  seconds,
  refused,
  bytesPerRecord: bytes,
  p50Ms: percentile(0.5),
  p99Ms: percentile(0.99),
};
console.log(JSON.stringify(result));
process.exit();
