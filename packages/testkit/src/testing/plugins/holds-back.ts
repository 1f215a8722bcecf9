import { type Batch } from '@millrace/api';
import { PassOn, stateful } from './bad-stateful.ts';

/** Gathers four batches, and forgets the rest at shutdown: their senders wait for ever. */
class Hoarder extends PassOn {
  readonly #held: { readonly batch: Batch; readonly resolve: () => void }[] = [];

  override consume(batch: Batch): Promise<void> {
    return new Promise((resolve) => {
      this.#held.push({ batch, resolve });
      if (this.#held.length < 4) return;
      const group = this.#held.splice(0);
      const answer = () => group.forEach((each) => each.resolve());
      this.host.next(group.map((each) => each.batch)).then(answer, answer);
    });
  }
}

export default stateful('holds_back', (host) => new Hoarder(host));
