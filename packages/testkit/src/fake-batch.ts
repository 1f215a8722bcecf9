import type { Batch, ClientContext, Signal } from '@millrace/api';
import { countItems } from '@millrace/otlp';
import type { Ledger } from './ledger.ts';

/** A batch in ordinary memory, whose ledger knows who releases it. */
export class FakeBatch implements Batch {
  readonly signal: Signal;
  readonly items: number;
  readonly bytes: number;
  readonly #chunks: readonly Uint8Array[];
  readonly #context: ClientContext | undefined;
  readonly #ledger: Ledger;
  readonly #onContext: (() => void) | undefined;

  constructor(fields: {
    readonly signal: Signal;
    readonly chunks: readonly Uint8Array[];
    readonly ledger: Ledger;
    readonly context?: ClientContext | undefined;
    /** Called when somebody asks who sent it. */
    readonly onContext?: (() => void) | undefined;
  }) {
    this.signal = fields.signal;
    this.#chunks = fields.chunks;
    this.#ledger = fields.ledger;
    this.#context = fields.context;
    this.#onContext = fields.onContext;
    this.items = fields.chunks.reduce((sum, chunk) => sum + countItems(fields.signal, chunk), 0);
    this.bytes = fields.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    fields.ledger.enter(this, `a batch of ${this.items} items`);
  }

  get chunks(): readonly Uint8Array[] {
    this.#ledger.check(this, 'a batch was read after its release');
    return this.#chunks;
  }

  get context(): ClientContext | undefined {
    this.#onContext?.();
    return this.#context;
  }

  share(): FakeBatch {
    this.#ledger.check(this, 'a batch was shared after its release');
    return this.withChunks(this.#chunks);
  }

  /** Another batch of the same sender. */
  withChunks(chunks: readonly Uint8Array[]): FakeBatch {
    const [ledger, context, onContext] = [this.#ledger, this.#context, this.#onContext];
    return new FakeBatch({ signal: this.signal, chunks, ledger, context, onContext });
  }

  release(): void {
    if (this.#ledger.check(this, 'a batch was released twice')) this.#ledger.leave(this);
  }
}
