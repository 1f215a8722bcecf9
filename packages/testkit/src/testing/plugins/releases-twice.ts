import { type Batch } from '@millrace/api';
import { PassOn, stateful } from './bad-stateful.ts';

/** Gives up a batch that it has passed on. */
class Generous extends PassOn {
  override async consume(batch: Batch): Promise<void> {
    await super.consume(batch);
    batch.release();
  }
}

export default stateful('releases_twice', (host) => new Generous(host));
