/** What a replay changes about its exporter. */
interface ExporterConfig {
  readonly sending_queue?: object;
  readonly retry_on_failure?: RetryConfig;
}

/** Times in milliseconds. */
interface RetryConfig {
  readonly initial_interval: number;
  readonly max_interval: number;
  readonly max_elapsed_time: number;
}

/**
 * The settings of an exporter for a replay: without a queue, so that an answer means that the destination has the data; what it
 * refuses stays where it was, as what it has not taken after `giveUpMs` milliseconds does (Infinity: as configured).
 */
export function directConfig(config: unknown, giveUpMs: number): object {
  const { sending_queue: queue, retry_on_failure: retry, ...rest } = config as ExporterConfig;
  return {
    ...rest,
    dead_letter: 'none',
    ...(queue === undefined ? {} : { sending_queue: { ...queue, enabled: false, storage: undefined } }),
    ...(retry === undefined ? {} : { retry_on_failure: giveUpAfter(retry, giveUpMs) }),
  };
}

/** A configured time of 0 is never. Waits may not be longer than the whole. */
function giveUpAfter(retry: RetryConfig, giveUpMs: number): RetryConfig {
  const { initial_interval: firstMs, max_interval: longestMs, max_elapsed_time: configuredMs } = retry;
  if (configuredMs > 0 ? configuredMs <= giveUpMs : giveUpMs === Infinity) return retry;
  return {
    ...retry,
    initial_interval: Math.min(firstMs, giveUpMs),
    max_interval: Math.min(longestMs, giveUpMs),
    max_elapsed_time: giveUpMs,
  };
}
