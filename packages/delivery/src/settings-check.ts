import type { ConfigFault } from '@millrace/api';
import { adaptiveOf, type BatchSettings, batchSizerOf } from './settings.ts';
import type { DeliverySettings, RetrySettings, SendingQueueSettings } from './settings.ts';

/** What the schema cannot say about an exporter's delivery settings: the Collector's own rules. */
export function checkDeliverySettings(settings: DeliverySettings): readonly ConfigFault[] {
  const { sending_queue: queue, retry_on_failure: retry } = settings;
  return [
    ...(settings.timeout !== undefined && settings.timeout < 0
      ? [{ path: ['timeout'], message: 'must not be negative', remedy: 'Write 0 for no limit.' }]
      : []),
    ...(queue?.enabled === true ? checkQueue(queue) : []),
    ...checkAdaptive(settings),
    ...(retry?.enabled === true ? checkRetry(retry) : []),
  ];
}

function checkAdaptive(settings: DeliverySettings): ConfigFault[] {
  const adaptive = adaptiveOf(settings);
  if (adaptive === undefined || adaptive.min <= adaptive.max) return [];
  return [
    {
      path: ['sending_queue', 'adaptive_concurrency', 'min'],
      message: `is ${adaptive.min}, more than max (${adaptive.max})`,
      remedy: 'Lower min or raise max.',
    },
  ];
}

function checkQueue(queue: SendingQueueSettings): ConfigFault[] {
  const faults: ConfigFault[] = [];
  if (queue.storage !== undefined && queue.wait_for_result) {
    faults.push({
      path: ['sending_queue', 'wait_for_result'],
      message: 'cannot be combined with storage',
      remedy: 'Remove one of the two: data in storage counts as accepted once it is written.',
    });
  }
  if (queue.batch !== undefined) faults.push(...checkBatch(queue.batch, queue));
  return faults;
}

function checkBatch(batch: BatchSettings, queue: SendingQueueSettings): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const path = (key: string) => ['sending_queue', 'batch', key];
  if (batch.flush_timeout <= 0) {
    faults.push({ path: path('flush_timeout'), message: 'must be positive', remedy: 'Write a time such as 200ms.' });
  }
  if (batch.max_size > 0 && batch.max_size < batch.min_size) {
    faults.push({
      path: path('max_size'),
      message: `is ${batch.max_size}, less than min_size (${batch.min_size})`,
      remedy: 'Raise max_size, lower min_size, or write max_size: 0 for no limit.',
    });
  }
  if (batchSizerOf(queue) === queue.sizer && batch.min_size > queue.queue_size) {
    faults.push({
      path: path('min_size'),
      message: `is ${batch.min_size}, more than the queue holds (queue_size: ${queue.queue_size})`,
      remedy: 'Lower min_size or raise queue_size.',
    });
  }
  return faults;
}

function checkRetry(retry: RetrySettings): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const { max_elapsed_time: totalMs } = retry;
  for (const key of ['initial_interval', 'max_interval', 'max_elapsed_time'] as const) {
    if (retry[key] < 0) faults.push({ path: ['retry_on_failure', key], message: 'must not be negative' });
  }
  for (const key of ['initial_interval', 'max_interval'] as const) {
    if (totalMs <= 0 || totalMs >= retry[key]) continue;
    faults.push({
      path: ['retry_on_failure', 'max_elapsed_time'],
      message: `is ${totalMs} ms, less than ${key} (${retry[key]} ms)`,
      remedy: `Raise max_elapsed_time, lower ${key}, or write max_elapsed_time: 0 to try forever.`,
    });
  }
  return faults;
}
