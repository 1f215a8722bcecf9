import { defineConnector, type Signal } from '@millrace/api';
import { check, config } from './config.ts';
import { Failover } from './failover.ts';

const SIGNALS: readonly Signal[] = ['logs', 'traces', 'metrics'];

/**
 * Sends to the first pipelines of a list that work. An exporter behind it that queues takes everything until its queue is
 * full: set `sending_queue.enabled: false` there, so that its failures are seen at once.
 */
export default defineConnector({
  type: 'failover',
  summary: 'Sends to the pipelines of the highest priority that work, and goes back up when better ones recover.',
  stability: 'beta',
  routes: SIGNALS.map((signal) => ({ from: signal, to: signal })),
  config,
  check,
  examples: [
    {
      title: 'A second destination while the first one fails',
      yaml: `failover:
  priority_levels: [[traces/first], [traces/second]]
  retry_interval: 5m`,
    },
    {
      title: 'Senders wait until a level has taken their data',
      yaml: `failover/waiting:
  priority_levels: [[logs/first], [logs/second]]
  sending_queue: { enabled: false }`,
    },
  ],
  stateful: {
    acknowledges: 'delivered',
    create: ({ priority_levels, retry_interval, standard }, host) =>
      new Failover({ levels: priority_levels, retryIntervalMs: standard.retry_interval ?? retry_interval }, host),
  },
});
