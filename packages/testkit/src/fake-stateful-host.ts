import type { Batch, ClientContext, Signal, StatefulHost } from '@millrace/api';
import { splitChunks } from '@millrace/otlp';
import { FakeBatch } from './fake-batch.ts';
import { FakeHost, type FakeHostSettings } from './fake-host.ts';
import { idsIn, taggedRequest } from './tagged-items.ts';

/** One call of `next`. */
export interface Passed {
  readonly ids: readonly number[];
  readonly contexts: readonly (ClientContext | undefined)[];
  /** Undefined while it is under way. */
  outcome: 'taken' | 'refused' | undefined;
}

/** The host of a stateful processor, in a pipeline of one signal; what is passed on is kept and released. */
export class FakeStatefulHost extends FakeHost implements StatefulHost {
  readonly signal: Signal;
  readonly guarantee: 'memory' | 'safe';
  readonly passed: Passed[] = [];
  /** How often the processor asked a batch who sent it. */
  contextReads = 0;
  /** Answers `next`; by default everything is taken at once. */
  answer: (passed: Passed) => Promise<void> = () => Promise.resolve();

  constructor(
    options: { readonly signal: Signal; readonly guarantee: 'memory' | 'safe' },
    settings: FakeHostSettings = {},
  ) {
    super(settings);
    this.signal = options.signal;
    this.guarantee = options.guarantee;
  }

  /** A batch of tagged items for the processor to consume. */
  batch(ids: readonly number[], context?: ClientContext): FakeBatch {
    return this.batchOf([taggedRequest(this.signal, ids)], context);
  }

  readonly batchOf = (chunks: readonly Uint8Array[], context?: ClientContext): FakeBatch => {
    const onContext = () => void this.contextReads++;
    return new FakeBatch({ signal: this.signal, chunks, ledger: this.ledger, context, onContext });
  };

  readonly makeBatch = (chunks: readonly Uint8Array[], from?: Pick<Batch, 'context'>): Batch => {
    const copies = chunks.map((chunk) => Uint8Array.from(chunk));
    return from instanceof FakeBatch ? from.withChunks(copies) : this.batchOf(copies, from?.context);
  };

  readonly next = async (batches: readonly Batch[]): Promise<void> => {
    const reads = this.contextReads;
    const contexts = batches.map((batch) => batch.context);
    this.contextReads = reads;
    const ids = batches.flatMap((batch) => idsIn(this.signal, batch.chunks));
    for (const batch of batches) batch.release();
    const passed: Passed = { ids, contexts, outcome: undefined };
    this.passed.push(passed);
    try {
      await this.answer(passed);
      passed.outcome = 'taken';
    } catch (error) {
      passed.outcome = 'refused';
      throw error;
    }
  };

  readonly split = (batch: Batch, maxItems: number): readonly Batch[] => {
    const pieces = splitChunks(this.signal, batch.chunks, { itemsMax: maxItems });
    const whole = batch as FakeBatch;
    const batches = pieces.map((chunks) => whole.withChunks(chunks));
    whole.release();
    return batches;
  };

  /** Ids that everything after the processor has taken, in order. */
  get taken(): readonly number[] {
    return this.passed.filter(({ outcome }) => outcome === 'taken').flatMap(({ ids }) => ids);
  }
}
