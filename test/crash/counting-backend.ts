import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { atEndOf } from '../harness/cleanup.ts';
import { idsOf } from '../harness/requests.ts';
import { itemsOf } from '../harness/otlp-items.ts';

/** What a backend does with requests: takes them, refuses them for now, takes them without an answer, or neither. */
export type Mood = 'takes' | 'refuses' | 'takes silently' | 'hangs';

/** An OTLP/HTTP server that counts how often, and when, each id came. */
export class CountingBackend {
  /** Times of arrival, in milliseconds of `performance.now()`, by id. */
  readonly arrivals = new Map<string, number[]>();
  /** Ids that were once taken without an answer. */
  readonly silent = new Set<string>();
  mood: Mood = 'takes';
  readonly #watchers = new Set<() => void>();
  #url = '';

  get url(): string {
    return this.#url;
  }

  static async start(): Promise<CountingBackend> {
    const backend = new CountingBackend();
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => backend.#take(request, Buffer.concat(chunks), response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    backend.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    atEndOf('test', () => {
      server.closeAllConnections();
      server.close();
    });
    return backend;
  }

  /** Resolves when every one of these has come. */
  async until(ids: readonly string[]): Promise<void> {
    let missing = ids;
    for (;;) {
      missing = missing.filter((id) => !this.arrivals.has(id));
      if (missing.length === 0) return;
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  #take(_request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const { mood } = this;
    if (mood === 'takes' || mood === 'takes silently') {
      const now = performance.now();
      for (const id of idsOf(itemsOf(JSON.parse(body.toString())))) {
        if (mood === 'takes silently') this.silent.add(id);
        const times = this.arrivals.get(id);
        if (times === undefined) this.arrivals.set(id, [now]);
        else times.push(now);
      }
      for (const resolve of this.#watchers) resolve();
      this.#watchers.clear();
    }
    if (mood === 'takes') response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    else if (mood === 'refuses') response.writeHead(503).end();
  }
}
