import {
  type ClientContext,
  defineReceiver,
  type Definition,
  type Receipt,
  type ReceiverHost,
  SIGNALS,
  type Signal,
  Type,
} from '@millrace/api';
import { taggedRequest } from './tagged-items.ts';

/** The receiver `test/…`: what a test sends goes into the pipelines, in memory. */
export class TestReceiver {
  readonly #host: ReceiverHost;

  constructor(host: ReceiverHost) {
    this.#host = host;
  }

  /** Sends an OTLP export request as a server would: asks for room, reads the body, hands it over. */
  async send(signal: Signal, request: Uint8Array, context?: ClientContext): Promise<Receipt> {
    const body = this.#host.admit(signal, request.length);
    try {
      body.append(request);
    } catch (error) {
      body.release();
      throw error;
    }
    return this.#host.consume(signal, { body, transport: 'test', ...(context === undefined ? {} : { context }) });
  }

  /** Sends one item for each id. */
  push(signal: Signal, ids: readonly number[], context?: ClientContext): Promise<Receipt> {
    return this.send(signal, taggedRequest(signal, ids), context);
  }

  /** Only asks for room, as for a body of so many bytes, and gives it back. */
  knock(signal: Signal, expectedBytes: number): void {
    this.#host.admit(signal, expectedBytes).release();
  }

  /** Only reads a body whose length nobody announced, and gives its room back. */
  pour(signal: Signal, chunks: readonly Uint8Array[]): void {
    const body = this.#host.admit(signal, undefined);
    try {
      for (const chunk of chunks) body.append(chunk);
    } finally {
      body.release();
    }
  }
}

/** Its definition; `onReceiver` is told of each one that a collector makes, and starts. */
export function testReceiver(
  onReceiver: (id: string, receiver: TestReceiver, state: { readonly started: boolean }) => void,
): Definition<'receiver'> {
  return defineReceiver({
    type: 'test',
    summary: 'Takes what a test sends.',
    stability: 'development',
    signals: SIGNALS,
    config: Type.Object({ note: Type.Optional(Type.String({ description: 'Makes it another one.' })) }),
    examples: [{ title: 'No settings', yaml: 'test/in:' }],
    create(_config, host) {
      const receiver = new TestReceiver(host);
      onReceiver(host.id, receiver, { started: false });
      return { start: () => onReceiver(host.id, receiver, { started: true }) };
    },
  }) as Definition<'receiver'>;
}
