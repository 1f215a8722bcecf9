/**
 * Load generator, a process of its own so that its cost is not the measured one. Posts export requests over a few
 * keep-alive connections, each as soon as the one before is answered.
 * Arguments: URL, number of requests, connections. Prints a JSON line at the end.
 */
import { Agent, request } from 'node:http';
import { logRequests } from '../corpus/log-requests.ts';

const RECORDS_PER_REQUEST = 1_000;
const DISTINCT_REQUESTS = 32;

const [url = '', requests = '100', connections = '8'] = process.argv.slice(2);
const total = Number(requests);
const bodies = logRequests(DISTINCT_REQUESTS, RECORDS_PER_REQUEST);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const latenciesMs: number[] = [];
let begun = 0;
let refused = 0;

function post(body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function connection(): Promise<void> {
  while (begun < total) {
    const body = bodies[begun++ % bodies.length];
    const startMs = performance.now();
    // A refused request is sent again, as a sender would.
    while ((await post(body)) !== 200) refused++;
    latenciesMs.push(performance.now() - startMs);
  }
}

const startMs = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, connection));
const seconds = (performance.now() - startMs) / 1_000;
latenciesMs.sort((a, b) => a - b);
const percentile = (share: number) => latenciesMs[Math.floor((latenciesMs.length - 1) * share)];
const bytes = bodies.reduce((sum, body) => sum + body.length, 0) / bodies.length;
console.log(
  JSON.stringify({
    records: total * RECORDS_PER_REQUEST,
    seconds,
    refused,
    bytesPerRecord: bytes / RECORDS_PER_REQUEST,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
  }),
);
process.exit();
