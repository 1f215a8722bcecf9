import { type Schema, Type } from './schema.ts';

/** `storage`: the id of the storage extension that keeps something; its absence is the user's choice to keep nothing. */
export const storageId = (description: string) => Type.Optional(Type.ComponentId('storage', { description }));

/** `sending_queue` with the Collector's exporterhelper keys and defaults. */
export const sendingQueue = (defaults: QueueDefaults = {}) => Type.Object(queueKeys(defaults), QUEUE);

const QUEUE = { description: 'Queue in front of the destination.' };

interface QueueDefaults {
  readonly enabled?: boolean;
}

const queueKeys = (defaults: QueueDefaults) => ({
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
  batch: Type.Section(
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
        partition: Type.Optional(
          Type.Object(
            {
              metadata_keys: Type.Array(Type.String(), {
                default: [],
                description:
                  'Requests that differ in these metadata are not merged; others that differ are not, either.',
              }),
            },
            { description: 'What keeps requests apart.' },
          ),
        ),
      },
      { description: 'Merges what waits in the queue into larger requests.' },
    ),
  ),
});

/** How many requests are sent at a time, found out from how the destination answers. */
const adaptiveConcurrency = () =>
  Type.Object(
    {
      enabled: Type.Boolean({ default: false, description: 'Whether it is used; `num_consumers` then has no effect.' }),
      min: Type.Integer({ default: 1, minimum: 1, description: 'Fewest requests at a time; it begins with them.' }),
      max: Type.Integer({ default: 64, minimum: 1, maximum: 1024, description: 'Most requests at a time.' }),
    },
    {
      description:
        'Ours: sends more at a time while the destination answers as fast as before, and less when it slows down or throttles.',
    },
  );

/** A number of bytes, or a text such as `512MiB`. */
const byteSize = (notes: { default: string; description: string }): Schema<number> => ({
  type: 'integer',
  'x-type': 'bytes',
  minimum: 1,
  ...notes,
});

/** `dead_letter`: where that goes which can never be delivered. */
export const deadLetter = (description: string) =>
  Type.Optional(
    Type.Union(
      [
        Type.ComponentId('dead_letter', { description: 'An exporter, a directory (with a slash), or none.' }),
        Type.Object({
          directory: Type.String({ minLength: 1, description: 'Where the files are written.' }),
          max_size: byteSize({ default: '1GiB', description: 'Most that they take on disk.' }),
          when_full: Type.Enum(['refuse', 'drop_oldest'], {
            default: 'refuse',
            description:
              'What happens then: data waits where it is, until senders are refused; or the oldest file is deleted.',
          }),
        }),
      ],
      { description },
    ),
  );

/** `circuit_breaker`: a destination that is away gets one request at a time, to find out when it is back. */
export const circuitBreaker = () =>
  Type.Object(
    {
      enabled: Type.Boolean({ default: true, description: 'Whether it is used; it needs `retry_on_failure`.' }),
      failures: Type.Integer({
        default: 5,
        minimum: 1,
        description: 'So many failures in a row, of all that is being sent, open the circuit.',
      }),
    },
    { description: 'Ours: while the destination is away, one request at a time is tried, and the others wait.' },
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
  sending_queue: Type.Object(
    {
      ...queueKeys(defaults.queue === undefined ? {} : { enabled: defaults.queue }),
      adaptive_concurrency: Type.Optional(adaptiveConcurrency()),
    },
    QUEUE,
  ),
  retry_on_failure: retryOnFailure(),
  circuit_breaker: circuitBreaker(),
  dead_letter: deadLetter(
    'Ours: where that goes which the destination refuses for good, or did not take in time: an exporter or a directory.',
  ),
});
