import { type Batch, type ClientContext, type ConnectorHost, permanent, type Signal } from '@millrace/api';
import { FakeBatch } from './fake-batch.ts';
import { FakeHost, type FakeHostSettings } from './fake-host.ts';
import { idsIn, taggedRequest } from './tagged-items.ts';

/** What one pipeline was given by one call of `next`. */
export interface Produced {
  readonly pipeline: string;
  /** Copies. */
  readonly chunks: readonly Uint8Array[];
  readonly ids: readonly number[];
  /** Undefined while it is under way. */
  outcome: 'taken' | 'refused' | undefined;
}

/** The host of a stateful connector; what it passes on is kept and released. */
export class FakeConnectorHost extends FakeHost implements ConnectorHost {
  readonly from: Signal;
  readonly to: Signal;
  readonly pipelines: readonly string[];
  readonly guarantee: 'memory' | 'safe';
  readonly produced: Produced[] = [];
  /** Answers for a pipeline; by default everything is taken at once. */
  answer: (produced: Produced) => Promise<void> = () => Promise.resolve();

  /** `pipelines` is `<to>/after` unless given. */
  constructor(
    ends: {
      readonly from: Signal;
      readonly to: Signal;
      readonly pipelines?: readonly string[];
      readonly guarantee?: 'memory' | 'safe';
    },
    settings: FakeHostSettings = {},
  ) {
    super(settings);
    this.from = ends.from;
    this.to = ends.to;
    this.pipelines = ends.pipelines ?? [`${ends.to}/after`];
    this.guarantee = ends.guarantee ?? 'safe';
  }

  /** A batch of tagged items for the connector to consume. */
  batch(ids: readonly number[], context?: ClientContext): FakeBatch {
    return this.batchOf([taggedRequest(this.from, ids)], context);
  }

  /** A batch for the connector to consume. */
  batchOf(chunks: readonly Uint8Array[], context?: ClientContext): FakeBatch {
    return new FakeBatch({ signal: this.from, chunks, ledger: this.ledger, context });
  }

  readonly makeBatch = (chunks: readonly Uint8Array[], from?: Pick<Batch, 'context'>): Batch => {
    const copies = chunks.map((chunk) => Uint8Array.from(chunk));
    return new FakeBatch({ signal: this.to, chunks: copies, ledger: this.ledger, context: from?.context });
  };

  readonly next = async (batches: readonly Batch[], pipelines: readonly string[] = this.pipelines): Promise<void> => {
    const chunks = batches.flatMap((batch) => batch.chunks.map((chunk) => Uint8Array.from(chunk)));
    for (const batch of batches) batch.release();
    const ids = idsIn(this.to, chunks);
    const passing = pipelines.map((pipeline) => this.#pass({ pipeline, chunks, ids, outcome: undefined }));
    for (const result of await Promise.allSettled(passing)) if (result.status === 'rejected') throw result.reason;
  };

  async #pass(produced: Produced): Promise<void> {
    this.produced.push(produced);
    try {
      if (!this.pipelines.includes(produced.pipeline)) throw permanent(`no pipeline "${produced.pipeline}"`);
      await this.answer(produced);
      produced.outcome = 'taken';
    } catch (error) {
      produced.outcome = 'refused';
      throw error;
    }
  }

  /** Ids that pipelines have taken, in order; those of one pipeline, or of all. */
  taken(pipeline?: string): readonly number[] {
    return this.produced
      .filter((each) => each.outcome === 'taken' && (pipeline === undefined || each.pipeline === pipeline))
      .flatMap(({ ids }) => ids);
  }
}
