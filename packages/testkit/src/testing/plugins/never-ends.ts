import { PassOn, stateful } from './bad-stateful.ts';

/** Its shutdown waits for something that does not come. */
class Endless extends PassOn {
  override shutdown(): Promise<void> {
    return new Promise(() => undefined);
  }
}

export default stateful('never_ends', (host) => new Endless(host));
