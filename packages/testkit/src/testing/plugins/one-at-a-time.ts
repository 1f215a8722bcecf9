import { type Batch, type StatefulHost } from '@millrace/api';
import { PassOn, stateful } from './bad-stateful.ts';

/** The one that was made last: there is only one, is there not? */
let current: Gatherer | undefined;

/** Gathers batches for a moment, and has its timer serve whoever was made last. */
class Gatherer extends PassOn {
  readonly #held: { readonly batch: Batch; readonly answer: PromiseWithResolvers<void> }[] = [];

  constructor(host: StatefulHost) {
    super(host);
    current = this;
  }

  override consume(batch: Batch): Promise<void> {
    const answer = Promise.withResolvers<void>();
    this.#held.push({ batch, answer });
    if (this.#held.length === 1) this.host.clock.after(100, () => void current?.flush());
    return answer.promise;
  }

  async flush(): Promise<void> {
    for (const { batch, answer } of this.#held.splice(0))
      await this.host.next([batch]).then(answer.resolve, answer.reject);
  }

  override async shutdown(): Promise<void> {
    if (current === this) await this.flush();
    // Nobody else should be left: their senders are answered so that none waits for ever.
    for (const { batch, answer } of this.#held.splice(0)) {
      batch.release();
      answer.resolve();
    }
  }
}

export default stateful('one_at_a_time', (host) => new Gatherer(host));
