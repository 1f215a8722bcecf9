import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { atEndOf, type Lifetime } from './cleanup.ts';
import { EventLog } from './event-log.ts';
import { type Item, itemsOf } from './otlp-items.ts';

/** How a destination answers a request; `hang` leaves it without an answer until {@link Destination.answer} changes. */
export type Answer = { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | 'hang';

/** An OTLP/HTTP server that takes JSON, remembers all items, and can be told to behave badly. */
export class Destination {
  /** Every item of the requests that were answered with 200. */
  readonly items = new EventLog<Item>();
  /** Every request, whatever became of it. */
  readonly requests = new EventLog<readonly Item[]>();
  readonly #hanging = new Set<() => void>();
  #answer: Answer = { status: 200 };
  #url = '';

  /** For `endpoint`. */
  get url(): string {
    return this.#url;
  }

  get answer(): Answer {
    return this.#answer;
  }

  set answer(answer: Answer) {
    this.#answer = answer;
    if (answer === 'hang') return;
    for (const settle of this.#hanging) settle();
    this.#hanging.clear();
  }

  static async start(lifetime: Lifetime = 'test'): Promise<Destination> {
    const destination = new Destination();
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => destination.#take(request, Buffer.concat(chunks), response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    destination.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    atEndOf(lifetime, () => {
      server.closeAllConnections();
      server.close();
    });
    return destination;
  }

  #take(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const items = itemsOf(JSON.parse(text.toString()));
    this.requests.add(items);
    const settle = () => {
      const { status, headers = {} } = this.#answer as Exclude<Answer, 'hang'>;
      if (response.destroyed) return;
      if (status === 200) for (const item of items) this.items.add(item);
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{}');
    };
    if (this.#answer === 'hang') this.#hanging.add(settle);
    else settle();
  }
}

/** Exporter settings for a destination: an acknowledgement means that it has the data. */
export function directly(destination: Destination): string {
  return `{ endpoint: "${destination.url}", encoding: json, compression: none, sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }`;
}
