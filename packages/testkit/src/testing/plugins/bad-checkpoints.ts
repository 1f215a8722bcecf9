import { defineReceiver, type ReceiverHost, storageId, Type } from '@millrace/api';
import { jsonToProto } from '@millrace/otlp';

/** Receivers that read a list, one line at a time, and remember how far they are; the first one does it as it should. */

export const LINES = Array.from({ length: 20 }, (_, index) => `line ${index}`);

type Step = (line: () => Promise<void>, remember: () => Promise<void>) => Promise<void>;

function reader(type: string, step: Step) {
  return defineReceiver({
    type,
    summary: 'Reads lines.',
    stability: 'development',
    signals: ['logs'],
    config: Type.Object({ storage: storageId('Where it remembers how far it has read.') }),
    examples: [{ title: 'Without a memory', yaml: `${type}:` }],
    create: ({ storage }, host) => new Reader(host, storage, step),
  });
}

class Reader {
  readonly #host: ReceiverHost;
  readonly #storage: string | undefined;
  readonly #step: Step;
  #stops = false;
  #cancel = () => {};

  constructor(host: ReceiverHost, storage: string | undefined, step: Step) {
    this.#host = host;
    this.#storage = storage;
    this.#step = step;
  }

  start(): void {
    const state = this.#storage === undefined ? undefined : this.#host.state(this.#storage);
    const read = state?.get('next');
    let next = read === undefined ? 0 : Number(Buffer.from(read).toString());
    const tick = async () => {
      const line = async (): Promise<void> => this.#take(LINES[next] ?? '');
      const remember = async () => state?.set('next', new Uint8Array(Buffer.from(String(next + 1))));
      try {
        if (next < LINES.length) {
          await this.#step(line, remember);
          next++;
        }
      } catch {
        // Another time.
      }
      if (!this.#stops) this.#cancel = this.#host.clock.after(50, () => void tick());
    };
    this.#cancel = this.#host.clock.after(50, () => void tick());
  }

  shutdown(): void {
    this.#stops = true;
    this.#cancel();
  }

  async #take(line: string): Promise<void> {
    const record = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: line } }] }] }] };
    await this.#host.consume('logs', { body: jsonToProto('logs', JSON.stringify(record)) });
  }
}

export default [
  reader('reads_on', async (line, remember) => {
    await line();
    await remember();
  }),
  reader('remembers_early', async (line, remember) => {
    await remember();
    await line();
  }),
  reader('does_not_wait', async (line, remember) => {
    line().catch(() => undefined);
    await remember();
  }),
];
