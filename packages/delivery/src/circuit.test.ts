import { permanent, retryable } from '@millrace/api';
import { describe, expect, test } from 'vitest';
import type { DeliverySettings } from './settings.ts';
import { type Act, fail, ScriptedSink } from './testing/cargo.ts';
import { queueOf, retryOf, Rig, watch } from './testing/rig.ts';

const away = retryable('connection refused');

/** A destination that can go away; calls have the times at which they came. */
class Destination extends ScriptedSink {
  readonly times: number[] = [];
  isAway = true;
  error: Error = away;

  constructor(clock: () => number) {
    const act: Act = () => {
      this.times.push(clock());
      return this.isAway ? Promise.reject(this.error) : Promise.resolve();
    };
    super(...Array.from({ length: 10_000 }, () => act));
  }
}

async function running(changes: DeliverySettings = {}) {
  let now = () => 0;
  const destination = new Destination(() => now());
  const rig = new Rig(
    {
      sending_queue: queueOf(),
      retry_on_failure: retryOf({ max_elapsed_time: 0 }),
      circuit_breaker: { enabled: true, failures: 5 },
      ...changes,
    },
    destination,
  );
  now = () => rig.clock.monotonic();
  const delivery = rig.delivery();
  await delivery.start();
  const state = () => rig.recorder.value('exporter_circuit_state{exporter="otlp/test",data_type="logs"}');
  const push = async (count: number) => {
    for (let id = 1; id <= count; id++) await delivery.consume(rig.cargo.shipment([id]));
    await rig.clock.settle();
  };
  return { destination, rig, delivery, state, push };
}

describe('while the destination is away', () => {
  test('one load at a time is tried, with growing waits, whatever the number of consumers', async () => {
    const { destination, rig, state, push } = await running();
    await push(50);
    expect(destination.times).toHaveLength(5);
    expect(state()).toBe(2);
    destination.times.length = 0;
    await rig.clock.advance(120_000);
    expect(destination.times).toEqual([5000, 12_500, 23_750, 40_625, 65_937.5, 95_937.5]);
    expect(rig.statuses).toContain('recoverable_error');
  });

  test('without the circuit, every consumer tries by itself', async () => {
    const { destination, rig, state, push } = await running({ circuit_breaker: { enabled: false, failures: 5 } });
    await push(50);
    await rig.clock.advance(30_000);
    expect(destination.times).toHaveLength(40);
    expect(state()).toBe(0);
  });

  test('the first answer lets all go on, each once', async () => {
    const { destination, rig, delivery, state, push } = await running();
    await push(50);
    await rig.clock.advance(6000);
    destination.isAway = false;
    await rig.clock.advance(6500);
    expect(state()).toBe(0);
    expect(destination.arrived.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
    expect(rig.statuses.at(-1)).toBe('ok');
    await rig.shutdown(delivery);
    expect(rig.cargo.held.size).toBe(0);
  });

  test('a refusal for good closes it: somebody is there', async () => {
    const { destination, rig, state, push } = await running();
    await push(50);
    destination.error = permanent('malformed');
    await rig.clock.advance(5000);
    expect(state()).toBe(0);
    expect(rig.givenUp).toHaveLength(50);
  });

  test('a probe that is given up hands its place and its waits on; loads that were never tried lose no time', async () => {
    const { destination, rig, push } = await running({
      retry_on_failure: retryOf({ max_elapsed_time: 60_000 }),
      sending_queue: queueOf({ num_consumers: 2 }),
      circuit_breaker: { enabled: true, failures: 1 },
    });
    await push(6);
    await rig.clock.advance(300_000);
    expect(rig.givenUp.map(({ ids }) => ids[0])).toEqual(expect.arrayContaining([1, 2]));
    expect(rig.givenUp.length).toBeLessThan(6);
    const gaps = destination.times.map((time, index) => time - (destination.times[index - 1] ?? time));
    // Never again the short waits of the beginning.
    expect(Math.min(...gaps.slice(6))).toBeGreaterThan(15_000);
  });

  test('a shutdown tries every load once more', async () => {
    const { destination, rig, delivery, push } = await running();
    await push(30);
    destination.times.length = 0;
    await rig.shutdown(delivery);
    expect(destination.times).toHaveLength(30);
    expect(rig.clock.pending).toBe(0);
  });

  test('a sender that waits for the destination is told when its time is over', async () => {
    const { destination, rig, delivery } = await running({
      sending_queue: undefined,
      retry_on_failure: retryOf({ max_elapsed_time: 20_000, max_interval: 5000 }),
      circuit_breaker: { enabled: true, failures: 1 },
    });
    const first = watch(delivery.consume(rig.cargo.shipment([1])));
    await rig.clock.advance(1000);
    const second = watch(delivery.consume(rig.cargo.shipment([2])));
    await rig.clock.advance(25_000);
    expect(first.state).toMatchObject({ code: 'RETRIES_EXHAUSTED' });
    expect(second.state).toMatchObject({ retryable: true });
    expect(destination.times.length).toBeLessThan(7);
    expect(rig.cargo.held.size).toBe(0);
  });
});

test('failures that alternate with answers never open it', async () => {
  const script = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? fail(away) : () => Promise.resolve()));
  const rig = new Rig(
    {
      sending_queue: queueOf({ num_consumers: 1 }),
      retry_on_failure: retryOf(),
      circuit_breaker: { enabled: true, failures: 2 },
    },
    new ScriptedSink(...script),
  );
  const delivery = rig.delivery();
  await delivery.start();
  for (let id = 0; id < 10; id++) await delivery.consume(rig.cargo.shipment([id]));
  await rig.clock.advance(100_000);
  expect(rig.recorder.messages('warn')).toEqual([]);
});
