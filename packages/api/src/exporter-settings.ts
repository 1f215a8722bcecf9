import { Type } from './schema.ts';

/** `storage`: the id of the storage extension that keeps something; its absence is the user's choice to keep nothing. */
export const storageId = (description: string) => Type.Optional(Type.ComponentId('storage', { description }));

/** `sending_queue` with the Collector's exporterhelper keys and defaults. */
export const sendingQueue = (defaults: { enabled?: boolean } = {}) =>
  Type.Object(
    {
      enabled: Type.Boolean({
        default: defaults.enabled ?? true,
        description: 'Whether batches wait in a queue; without it, a sender waits for the destination.',
      }),
      num_consumers: Type.Integer({ default: 10, minimum: 1, description: 'How many batches are sent at a time.' }),
      queue_size: Type.Integer({ default: 1000, minimum: 1, description: 'Room in the queue, in units of `sizer`.' }),
      sizer: Type.Enum(['requests', 'items', 'bytes'], { default: 'requests', description: 'Unit of `queue_size`.' }),
      block_on_overflow: Type.Boolean({
        default: false,
        description: 'Whether senders wait for room in a full queue instead of being refused.',
      }),
      wait_for_result: Type.Boolean({
        default: false,
        description: 'Whether data counts as accepted only once the destination has it.',
      }),
      storage: storageId('Storage extension that keeps the queue on disk: accepted data survives a crash.'),
      backlog_share: Type.Number({
        default: 0.25,
        minimum: 0,
        maximum: 1,
        description:
          'With storage: share of what is sent that is kept for the backlog while fresh data goes first; 1: strictly in order.',
      }),
      batch: Type.Optional(
        Type.Object(
          {
            flush_timeout: Type.Duration({ default: '200ms', description: 'Longest time that data waits for more.' }),
            min_size: Type.Integer({ default: 8192, minimum: 0, description: 'Size at which a batch is sent.' }),
            max_size: Type.Integer({ default: 0, minimum: 0, description: 'Size above which it is cut; 0: never.' }),
            sizer: Type.Optional(
              Type.Enum(['items', 'bytes'], {
                description: "Unit of both sizes; without it the queue's `sizer`, or items where that is requests.",
              }),
            ),
          },
          { description: 'Merges what waits in the queue into larger requests.' },
        ),
      ),
    },
    { description: 'Queue in front of the destination.' },
  );

/** `retry_on_failure` with the Collector's keys and defaults. */
export const retryOnFailure = () =>
  Type.Object(
    {
      enabled: Type.Boolean({ default: true, description: 'Whether failed batches are sent again.' }),
      initial_interval: Type.Duration({ default: '5s', description: 'Wait after the first failure.' }),
      randomization_factor: Type.Number({
        default: 0.5,
        minimum: 0,
        maximum: 1,
        description: 'Share by which each wait varies at random.',
      }),
      multiplier: Type.Number({ default: 1.5, minimum: 1, description: 'Growth of the wait per failure.' }),
      max_interval: Type.Duration({ default: '30s', description: 'Longest wait.' }),
      max_elapsed_time: Type.Duration({
        default: '5m',
        description: 'After this time the batch is given up; 0 tries forever.',
      }),
    },
    { description: 'Sending again what failed with a retryable error.' },
  );

/** `timeout` of one attempt; 0 means none. */
export const sendTimeout = (byDefault = '5s') =>
  Type.Duration({ default: byDefault, description: 'Longest time for one attempt to send; 0 for no limit.' });

/**
 * The keys that have the engine wrap an exporter: sending queue, batching, retry and timeout. Spread them into the
 * exporter's `Type.Object`. An exporter without them is called directly.
 */
export const exporterSettings = (defaults: { timeout?: string; queue?: boolean } = {}) => ({
  timeout: sendTimeout(defaults.timeout),
  sending_queue: sendingQueue(defaults.queue === undefined ? {} : { enabled: defaults.queue }),
  retry_on_failure: retryOnFailure(),
});
