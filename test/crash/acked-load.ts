import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { atEndOf } from '../harness/cleanup.ts';
import { idList, logsJson } from '../harness/requests.ts';

/** Pause of a sender that was refused. */
const REFUSED_PAUSE_MS = 5;

/**
 * Senders that send to a collector for as long as there is one, each request with ids of its own, and remember what was
 * acknowledged. What was not is never sent again: it may have arrived, or not.
 */
export class AckedLoad {
  readonly acknowledged: string[] = [];
  /** Requests that were refused for now. */
  refused = 0;
  readonly #idsPerRequest: number;
  readonly #bodyBytes: number;
  readonly #senders: readonly Promise<void>[];
  readonly #watchers = new Set<() => void>();
  #target: { readonly url: string; readonly agent: Agent } | undefined;
  #ended = false;

  constructor(options: { readonly senders: number; readonly idsPerRequest: number; readonly bodyBytes?: number }) {
    this.#idsPerRequest = options.idsPerRequest;
    this.#bodyBytes = options.bodyBytes ?? 0;
    this.#senders = idList('s', options.senders).map((name) => this.#send(name));
    atEndOf('test', () => this.end());
  }

  /** Sends to a collector from now on; undefined: waits for one. */
  aim(http: string | undefined): void {
    this.#target?.agent.destroy();
    this.#target = http === undefined ? undefined : { url: `${http}/v1/logs`, agent: new Agent({ keepAlive: true }) };
    this.#wake();
  }

  /** Resolves when so many ids were acknowledged. */
  async reached(count: number): Promise<void> {
    while (this.acknowledged.length < count) await this.#change();
  }

  /** Resolves when so many requests were refused. */
  async refusals(count: number): Promise<void> {
    while (this.refused < count) await this.#change();
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.aim(undefined);
    await Promise.all(this.#senders);
  }

  async #send(name: string): Promise<void> {
    for (let next = 0; !this.#ended; next++) {
      const target = this.#target;
      if (target === undefined) {
        await this.#change();
        continue;
      }
      const ids = idList(`${name}-${next}`, this.#idsPerRequest);
      const status = await post(target, logsJson(ids, 'x'.repeat(this.#bodyBytes)));
      if (status === 200) this.acknowledged.push(...ids);
      else if (status !== undefined) {
        this.refused += 1;
        await pause(REFUSED_PAUSE_MS);
      } else if (this.#target === target) await this.#change();
      this.#wake();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => void this.#watchers.add(resolve));
  }

  #wake(): void {
    for (const resolve of this.#watchers) resolve();
    this.#watchers.clear();
  }
}

/** The status of the answer; undefined when there was none. */
function post({ url, agent }: { url: string; agent: Agent }, body: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const call = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
      response.on('error', () => resolve(undefined));
    });
    call.on('error', () => resolve(undefined));
    call.end(body);
  });
}
