import { type Batch } from '@millrace/api';
import { PassOn, stateful } from './bad-stateful.ts';

/** Forgets a promise that is rejected. */
class Forgetful extends PassOn {
  override consume(batch: Batch): Promise<void> {
    void Promise.reject(new Error('left behind'));
    return super.consume(batch);
  }
}

export default stateful('leaves_a_rejection', (host) => new Forgetful(host));
