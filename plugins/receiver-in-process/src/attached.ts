import type { Definition } from '@millrace/api';
import definition from './index.ts';
import { InProcessReceiver } from './in-process-receiver.ts';

/** The in-process receivers of one collector, and the definition with which its configuration finds them. */
export class InProcessReceivers {
  readonly #running = new Map<string, InProcessReceiver>();

  /** Registered in place of the built-in one. The same for all of the collector's life, so that reloads keep receivers. */
  readonly definition: Definition<'receiver'> = {
    ...definition,
    create: (_config, host) => {
      const receiver = new InProcessReceiver(host);
      return {
        start: () => void this.#running.set(host.id, receiver),
        shutdown: async () => {
          if (this.#running.get(host.id) === receiver) this.#running.delete(host.id);
          await receiver.close();
        },
      };
    },
  };

  /** The running receiver with this id. */
  get(id: string): InProcessReceiver | undefined {
    return this.#running.get(id);
  }

  /** Ids of those that run. */
  get ids(): readonly string[] {
    return [...this.#running.keys()];
  }
}
