import * as fc from 'fast-check';
import type { DeliverySettings } from '../settings.ts';
import { ITEM_BYTES } from './cargo.ts';
import { queueOf, retryOf } from './rig.ts';

/** What a sink does with one call, whatever comes. */
export type Act =
  | { readonly does: 'take' | 'refuse' | 'fail' | 'hang' }
  | { readonly does: 'take part' | 'throttle' | 'take late'; readonly value: number };

export interface Arrival {
  /** Time since the one before. */
  readonly afterMs: number;
  readonly items: number;
  readonly tenant: number;
}

export interface Scenario {
  readonly settings: DeliverySettings;
  readonly arrivals: readonly Arrival[];
  readonly acts: readonly Act[];
  readonly jitter: readonly number[];
  /** Arrivals before the shutdown begins, and the time it has. */
  readonly shutdown: { readonly after: number; readonly withinMs: number };
}

const sizer = fc.constantFrom('requests' as const, 'items' as const, 'bytes' as const);
const queue = fc
  .record({
    num_consumers: fc.integer({ min: 1, max: 3 }),
    queue_size: fc.integer({ min: 1, max: 30 }),
    sizer,
    block_on_overflow: fc.boolean(),
    wait_for_result: fc.boolean(),
  })
  .map((drawn) => queueOf({ ...drawn, queue_size: drawn.queue_size * (drawn.sizer === 'bytes' ? ITEM_BYTES : 1) }));
const batch = fc
  .record({
    flush_timeout: fc.integer({ min: 0, max: 3000 }),
    min_size: fc.integer({ min: 0, max: 20 }),
    extra: fc.option(fc.integer({ min: 1, max: 10 }), { nil: undefined }),
    sizer: fc.constantFrom('items' as const, 'bytes' as const),
  })
  .map(({ flush_timeout, min_size, extra, sizer }) => {
    const unit = sizer === 'bytes' ? ITEM_BYTES : 1;
    const max_size = extra === undefined ? 0 : (min_size + extra) * unit - (unit - 1);
    return { flush_timeout, min_size: Math.min(min_size * unit, max_size || Infinity), max_size, sizer };
  });
const settings: fc.Arbitrary<DeliverySettings> = fc
  .record({
    timeout: fc.constantFrom(0, 500, 3000),
    retry: fc.option(
      fc.record({
        initial_interval: fc.integer({ min: 0, max: 4000 }),
        randomization_factor: fc.constantFrom(0, 0.5),
        max_elapsed_time: fc.constantFrom(0, 5000, 20_000),
      }),
      { nil: undefined },
    ),
    queue: fc.option(queue, { nil: undefined }),
    batch: fc.option(batch, { nil: undefined }),
    failures: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    adapts: fc.boolean(),
  })
  .map(({ timeout, retry, queue, batch, failures, adapts }) => ({
    timeout,
    retry_on_failure: retry && retryOf(retry),
    sending_queue: queue && {
      ...queue,
      ...(batch === undefined ? {} : { batch }),
      ...(adapts ? { adaptive_concurrency: { enabled: true, min: 1, max: queue.num_consumers } } : {}),
    },
    ...(failures === undefined ? {} : { circuit_breaker: { enabled: true, failures } }),
  }));
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Act>({ does: 'take' }) },
  { weight: 6, arbitrary: fc.constantFrom<Act>({ does: 'refuse' }, { does: 'fail' }, { does: 'hang' }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 8 }).map((value): Act => ({ does: 'take part', value })) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 9000 }).map((value): Act => ({ does: 'throttle', value })) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 9000 }).map((value): Act => ({ does: 'take late', value })) },
);
/** Any settings, arrivals, sink and moment of shutdown. */
export const scenario: fc.Arbitrary<Scenario> = fc.record({
  settings,
  arrivals: fc.array(
    fc.record({
      afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2500 })),
      items: fc.integer({ min: 0, max: 12 }),
      tenant: fc.integer({ min: 0, max: 1 }),
    }),
    { minLength: 1, maxLength: 25 },
  ),
  acts: fc.array(act, { maxLength: 40 }),
  jitter: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1, maxLength: 8 }),
  shutdown: fc.record({ after: fc.nat(25), withinMs: fc.integer({ min: 0, max: 15_000 }) }),
});
