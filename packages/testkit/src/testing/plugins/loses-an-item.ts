import { type Batch } from '@millrace/api';
import { PassOn, stateful } from './bad-stateful.ts';

/** Forgets each third batch, and says that all is well. */
class Forgetful extends PassOn {
  #count = 0;

  override consume(batch: Batch): Promise<void> {
    if (++this.#count % 3 !== 0) return super.consume(batch);
    batch.release();
    return Promise.resolve();
  }
}

export default stateful('loses_an_item', (host) => new Forgetful(host));
