import { type Batch } from '@millrace/api';
import { PassOn, stateful } from './bad-stateful.ts';

/** Looks at the sender without having said so. */
class Curious extends PassOn {
  override consume(batch: Batch): Promise<void> {
    this.host.logger.debug('consumed', { address: batch.context?.address });
    return super.consume(batch);
  }
}

export default stateful('hides_context', (host) => new Curious(host));
