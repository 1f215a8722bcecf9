import { expect, test } from 'vitest';
import { checkDeliverySettings } from './settings-check.ts';
import { batchSizerOf } from './settings.ts';
import { queueOf, retryOf } from './testing/rig.ts';

const batch = { flush_timeout: 200, min_size: 8192, max_size: 0, sizer: 'items' } as const;
const paths = (settings: Parameters<typeof checkDeliverySettings>[0]) =>
  checkDeliverySettings(settings).map(({ path }) => path.join('.'));

test('the defaults are valid, and so are settings of what is disabled', () => {
  expect(paths({ timeout: 5000, sending_queue: queueOf({ batch }), retry_on_failure: retryOf() })).toEqual([]);
  expect(
    paths({
      sending_queue: queueOf({ enabled: false, batch: { ...batch, max_size: 1 } }),
      retry_on_failure: retryOf({ enabled: false, max_elapsed_time: 1 }),
    }),
  ).toEqual([]);
});

test('every fault is found, at the key that is to be changed', () => {
  expect(paths({ timeout: -1 })).toEqual(['timeout']);
  expect(paths({ sending_queue: queueOf({ storage: 'file_storage', wait_for_result: true }) })).toEqual([
    'sending_queue.wait_for_result',
  ]);
  expect(paths({ sending_queue: queueOf({ batch: { ...batch, flush_timeout: 0, max_size: 100 } }) })).toEqual([
    'sending_queue.batch.flush_timeout',
    'sending_queue.batch.max_size',
  ]);
  expect(paths({ retry_on_failure: retryOf({ max_elapsed_time: 1000 }) })).toEqual([
    'retry_on_failure.max_elapsed_time',
    'retry_on_failure.max_elapsed_time',
  ]);
  expect(paths({ retry_on_failure: retryOf({ initial_interval: -1 }) })).toEqual(['retry_on_failure.initial_interval']);
});

test('min_size must fit into the queue only where both have the same unit', () => {
  const tooLarge = { ...batch, min_size: 2000 };
  expect(paths({ sending_queue: queueOf({ queue_size: 1000, batch: tooLarge }) })).toEqual([]);
  expect(paths({ sending_queue: queueOf({ queue_size: 1000, sizer: 'items', batch: tooLarge }) })).toEqual([
    'sending_queue.batch.min_size',
  ]);
});

test('batches are measured as the queue is, unless they say otherwise or the queue counts requests', () => {
  const { sizer: _, ...plain } = batch;
  const tooLarge = { ...plain, min_size: 2000 };
  expect(paths({ sending_queue: queueOf({ sizer: 'bytes', batch: tooLarge }) })).toEqual([
    'sending_queue.batch.min_size',
  ]);
  expect(paths({ sending_queue: queueOf({ sizer: 'bytes', batch: { ...tooLarge, sizer: 'items' } }) })).toEqual([]);
  expect(paths({ sending_queue: queueOf({ sizer: 'requests', batch: tooLarge }) })).toEqual([]);
  expect(batchSizerOf(queueOf({ sizer: 'requests', batch: plain }))).toBe('items');
  expect(batchSizerOf(queueOf({ sizer: 'bytes', batch: plain }))).toBe('bytes');
});
