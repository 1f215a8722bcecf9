import { type Batch } from '@millrace/api';
import { PassOn, stateful } from './bad-stateful.ts';

/** Does not wait for what comes after it. */
class Hasty extends PassOn {
  override consume(batch: Batch): Promise<void> {
    this.host.next([batch]).catch(() => undefined);
    return Promise.resolve();
  }
}

export default stateful('acknowledges_early', (host) => new Hasty(host));
