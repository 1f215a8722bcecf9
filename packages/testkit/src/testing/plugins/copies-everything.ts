import { type Batch } from '@millrace/api';
import { PassOn, stateful } from './bad-stateful.ts';

/** Acknowledges at once and keeps private copies, which nobody accounts for, while the destination is slow. */
class Copier extends PassOn {
  readonly #copies: Uint8Array[] = [];
  #busy = false;

  override async consume(batch: Batch): Promise<void> {
    if (!this.#busy) {
      this.#busy = true;
      const done = () => void (this.#busy = false);
      super.consume(batch).then(done, done);
      return;
    }
    this.#copies.push(...batch.chunks.map((chunk) => Uint8Array.from(chunk)));
    batch.release();
    await Promise.resolve();
  }
}

export default stateful('copies_everything', (host) => new Copier(host));
