import type { Batch } from '@millrace/api';
import { jsonToProto, protoToJson } from '@millrace/otlp';
import { type FakeHostSettings, FakeStatefulHost } from '@millrace/testkit';

/** A fake host that keeps what it was given to pass on, and can be short of memory. */
export class DeltaHost extends FakeStatefulHost {
  /** OTLP/JSON of each chunk that everybody after the processor has taken. */
  readonly requests: unknown[] = [];
  /** Throws where there is to be no memory. */
  beforeMaking: () => void = () => undefined;

  constructor(settings: FakeHostSettings = {}) {
    super({ signal: 'metrics', guarantee: 'safe' }, { id: 'cumulativetodelta', ...settings });
    const { next } = this;
    Object.assign(this, {
      next: async (batches: readonly Batch[]) => {
        const chunks = batches.flatMap((batch) => batch.chunks.map((chunk) => Uint8Array.from(chunk)));
        await next(batches);
        for (const chunk of chunks)
          this.requests.push(JSON.parse(Buffer.from(protoToJson('metrics', chunk)).toString()));
      },
    });
  }

  override readonly makeBatch = (chunks: readonly Uint8Array[], from?: Pick<Batch, 'context'>): Batch => {
    this.beforeMaking();
    return this.batchOf(
      chunks.map((chunk) => Uint8Array.from(chunk)),
      from?.context,
    );
  };

  /** A batch of metrics in one scope, as OTLP/JSON. */
  batchFrom(metrics: readonly object[]): Batch {
    const request = { resourceMetrics: [{ resource: {}, scopeMetrics: [{ metrics }] }] };
    return this.batchOf([jsonToProto('metrics', JSON.stringify(request))]);
  }

  /** What was taken by now; forgets it. */
  take(): unknown[] {
    return this.requests.splice(0);
  }
}
