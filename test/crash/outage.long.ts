/**
 * A backend that is away for long: gigabytes wait on disk, memory does not grow with them, and they drain as fast as
 * fresh data goes through. `CRASH_BACKLOG_MB` sets how much (default: 2048).
 */
import { readFileSync, statfsSync } from 'node:fs';
import { createServer, Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { atEndOf } from '../harness/cleanup.ts';
import { type Millrace, startCollector } from '../harness/millrace.ts';
import { logsProto } from '../harness/requests.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

const MEGABYTE = 1e6;
const BACKLOG_BYTES = Number(process.env['CRASH_BACKLOG_MB'] ?? 2048) * MEGABYTE;
/** What garbage that was not collected yet may add. */
const GROWTH_BYTES_MAX = 150 * MEGABYTE;
const REQUEST_BYTES = 500_000;
const SENDERS = 8;
const ID = 'request-00000000';

/** Requests of about {@link REQUEST_BYTES}, each with an id that can be found in its bytes. */
class Requests {
  readonly #template = Buffer.from(logsProto([`${ID}${'x'.repeat(REQUEST_BYTES / 2)}`]));
  readonly #places: readonly number[];
  #next = 0;

  constructor() {
    const places: number[] = [];
    for (let at = this.#template.indexOf(ID); at >= 0; at = this.#template.indexOf(ID, at + 1)) places.push(at);
    this.#places = places;
  }

  make(): { readonly id: string; readonly body: Buffer } {
    const id = ID.slice(0, 8) + String(this.#next++).padStart(8, '0');
    const body = Buffer.from(this.#template);
    for (const place of this.#places) body.write(id, place);
    return { id, body };
  }
}

/** Takes protobuf requests when it is there, and knows their ids and bytes. */
class Backend {
  readonly ids = new Set<string>();
  there = true;
  bytes = 0;
  url = '';

  static async start(): Promise<Backend> {
    const backend = new Backend();
    const server = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        if (!backend.there) {
          response.writeHead(503).end();
          return;
        }
        const body = Buffer.concat(chunks);
        backend.bytes += body.length;
        for (let at = body.indexOf('request-'); at >= 0; at = body.indexOf('request-', at + REQUEST_BYTES / 2)) {
          backend.ids.add(body.toString('latin1', at, at + ID.length));
        }
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    backend.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    atEndOf('test', () => {
      server.closeAllConnections();
      server.close();
    });
    return backend;
  }
}

/** Sends so many bytes as fast as they are acknowledged; returns the ids, and the bytes in a second. */
async function send(collector: Millrace, requests: Requests, bytes: number): Promise<{ ids: string[]; rate: number }> {
  const agent = new Agent({ keepAlive: true });
  const ids: string[] = [];
  let left = Math.ceil(bytes / REQUEST_BYTES);
  const started = performance.now();
  const sender = async (): Promise<void> => {
    while (left-- > 0) {
      const { id, body } = requests.make();
      const status = await new Promise<number>((resolve, reject) => {
        const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length };
        const call = request(`${collector.http()}/v1/logs`, { method: 'POST', agent, headers }, (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode ?? 0));
        });
        call.on('error', reject);
        call.end(body);
      });
      expect(status).toBe(200);
      ids.push(id);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  agent.destroy();
  return { ids, rate: bytes / ((performance.now() - started) / 1000) };
}

function residentBytes({ pid }: Millrace): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Waits for all ids; returns the bytes that came in a second. */
async function drained(backend: Backend, ids: readonly string[]): Promise<number> {
  const before = backend.bytes;
  const started = performance.now();
  while (!ids.every((id) => backend.ids.has(id))) await pause(50);
  return (backend.bytes - before) / ((performance.now() - started) / 1000);
}

test('a long outage: memory stays flat, and the backlog drains at least half as fast as fresh data', async () => {
  const cwd = temporaryFolder();
  const { bavail, bsize } = statfsSync(cwd);
  expect(bavail * bsize, 'free room for the backlog in the folder of temporary files').toBeGreaterThan(
    BACKLOG_BYTES * 1.2,
  );
  const backend = await Backend.start();
  const config = `
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0, max_request_body_size: 20000000 } } } }
exporters:
  otlphttp:
    endpoint: "${backend.url}"
    compression: none
    sending_queue: { storage: file_storage, queue_size: 10000000 }
    retry_on_failure: { initial_interval: 100ms, max_interval: 500ms, max_elapsed_time: 0 }
extensions: { file_storage: { directory: store, create_directory: true, min_free_space: 0 } }
service:
  extensions: [file_storage]
  bytes_in_flight_max: 64MiB
  shutdown_timeout: 2s
  pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } }
`;
  const requests = new Requests();
  const first = await startCollector(config, { cwd, threads: 1 });
  const warm = await send(first, requests, 300 * MEGABYTE);
  await drained(backend, warm.ids);
  const fresh = await send(first, requests, 300 * MEGABYTE);
  await drained(backend, fresh.ids);
  const before = residentBytes(first);

  backend.there = false;
  const tenth = await send(first, requests, BACKLOG_BYTES / 10);
  const early = residentBytes(first);
  const rest = await send(first, requests, BACKLOG_BYTES * 0.9);
  const late = residentBytes(first);
  await first.stop('SIGKILL');

  const started = performance.now();
  const second = await startCollector(config, { cwd, threads: 1 });
  const startMs = performance.now() - started;
  const opened = residentBytes(second);
  backend.there = true;
  let most = 0;
  const watching = setInterval(() => (most = Math.max(most, residentBytes(second))), 100);
  const rate = await drained(backend, [...tenth.ids, ...rest.ids]);
  clearInterval(watching);
  expect(await second.stop()).toEqual({ code: 0, signal: null });

  const megabytes = (bytes: number) => Math.round(bytes / MEGABYTE);
  console.log({
    backlogMB: megabytes(BACKLOG_BYTES),
    freshMBperS: megabytes(fresh.rate),
    storingMBperS: megabytes(rest.rate),
    drainMBperS: megabytes(rate),
    rssMB: [before, early, late, opened, most].map(megabytes),
    startMs: Math.round(startMs),
  });
  expect(late - early, 'growth of the resident set while the backlog grows tenfold').toBeLessThan(GROWTH_BYTES_MAX);
  expect(most - opened, 'growth of the resident set while it drains').toBeLessThan(2 * GROWTH_BYTES_MAX);
  expect(rate).toBeGreaterThan(fresh.rate / 2);
}, 900_000);
