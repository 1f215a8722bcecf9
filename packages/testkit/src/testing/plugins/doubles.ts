import { type Batch } from '@millrace/api';
import { PassOn, stateful } from './bad-stateful.ts';

/** Passes everything on twice. */
class Twice extends PassOn {
  override async consume(batch: Batch): Promise<void> {
    const again = batch.share();
    await Promise.all([this.host.next([batch]), this.host.next([again])]);
  }
}

export default stateful('doubles', (host) => new Twice(host));
