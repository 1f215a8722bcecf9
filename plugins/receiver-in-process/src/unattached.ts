import type { Lifecycle, ReceiverHost } from '@millrace/api';

/** What stands in a collector that no program feeds: its pipelines run, and it says why nothing comes. */
export function unattached(host: ReceiverHost): Lifecycle {
  return {
    start() {
      const reason = 'no program feeds this receiver: only a collector that a program has started takes data with it';
      const remedy =
        'start the collector from a program, import { Collector } from "millrace", or take the receiver out';
      host.reportStatus('permanent_error', `${reason}; ${remedy}`);
    },
  };
}
