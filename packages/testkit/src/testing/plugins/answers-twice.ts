import { type Batch } from '@millrace/api';
import { PassOn, stateful } from './bad-stateful.ts';

/** Calls back when it has the batch, and again when it was passed on. */
class Eager extends PassOn {
  override consume(batch: Batch): Promise<void> {
    const done = this.host.next([batch]);
    const answer: PromiseLike<void> = {
      // oxlint-disable-next-line unicorn/no-thenable -- that is the fault
      then(resolve, reject) {
        resolve?.();
        return done.then(resolve, reject);
      },
    };
    return answer as Promise<void>;
  }
}

export default stateful('answers_twice', (host) => new Eager(host));
