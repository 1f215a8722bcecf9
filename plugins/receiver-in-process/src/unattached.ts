import type { Lifecycle, ReceiverHost } from '@millrace/api';

/** What stands in a collector that no program feeds: its pipelines run, and it says why nothing comes. */
export function unattached(host: ReceiverHost): Lifecycle {
  return {
    start() {
      const message = 'no program feeds this receiver: it takes data only in a collector that a program has started';
      const remedy =
        'start the collector from a program, import { Collector } from "millrace", or take the receiver out';
      host.logger.error(message, { remedy });
      host.reportStatus('permanent_error', `${message}; ${remedy}`);
    },
  };
}
