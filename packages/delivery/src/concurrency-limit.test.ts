import { retryable } from '@millrace/api';
import { ManualClock } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import type { Act } from './testing/cargo.ts';
import { ScriptedSink } from './testing/cargo.ts';
import { queueOf, retryOf, Rig } from './testing/rig.ts';

/** A destination that works on so many requests at once, each for so long; the others wait in it. */
interface Model {
  capacity: number;
  serviceMs: number;
  /** More than this at a time are turned away. */
  refusesAbove: number;
}

/** Endless work through a limit into a modelled destination. */
class Simulation {
  readonly clock = new ManualClock();
  readonly limit: ConcurrencyLimit;
  readonly model: Model;
  answered = 0;
  refused = 0;
  #inside = 0;
  readonly #waiting: (() => void)[] = [];
  #working = 0;

  constructor(model: Partial<Model>, { min = 1, max = 100, senders = 200 } = {}) {
    this.model = { capacity: 10, serviceMs: 20, refusesAbove: Infinity, ...model };
    this.limit = new ConcurrencyLimit({ min, max });
    for (let sender = 0; sender < senders; sender++) void this.#send();
  }

  async #send(): Promise<never> {
    for (;;) {
      const permit = await this.limit.acquire();
      const startedAtMs = this.clock.monotonic();
      const isTaken = await this.#request();
      this.limit.release(permit, this.clock.monotonic() - startedAtMs, isTaken ? undefined : retryable('429'));
      if (isTaken) this.answered += 1;
      else this.refused += 1;
    }
  }

  async #request(): Promise<boolean> {
    if (this.#inside >= this.model.refusesAbove) {
      await this.#pause(1);
      return false;
    }
    this.#inside += 1;
    if (this.#working >= this.model.capacity) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    this.#working += 1;
    await this.#pause(this.model.serviceMs);
    this.#working -= 1;
    this.#inside -= 1;
    this.#waiting.shift()?.();
    return true;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(ms, resolve));
  }

  /** Limits as seen each 100 ms of a time. */
  async run(ms: number): Promise<number[]> {
    const limits: number[] = [];
    for (let passed = 0; passed < ms; passed += 100) {
      await this.clock.advance(100);
      limits.push(this.limit.limit);
    }
    return limits;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('the limit', () => {
  test('finds what the destination works on at once, and keeps it busy', async () => {
    const simulation = new Simulation({ capacity: 20 });
    await simulation.run(5000);
    const before = simulation.answered;
    const limits = await simulation.run(20_000);
    expect(mean(limits)).toBeGreaterThan(18);
    expect(mean(limits)).toBeLessThan(36);
    // 1,000 a second are possible.
    expect(simulation.answered - before).toBeGreaterThan(18_000);
  });

  test('follows a destination that becomes smaller, and larger again', async () => {
    const simulation = new Simulation({ capacity: 40 });
    await simulation.run(10_000);
    simulation.model.capacity = 8;
    const small = (await simulation.run(20_000)).slice(100);
    expect(mean(small)).toBeLessThan(20);
    simulation.model.capacity = 40;
    const large = (await simulation.run(20_000)).slice(100);
    expect(mean(large)).toBeGreaterThan(30);
  });

  test('stays near what a destination that throttles takes, instead of hammering it', async () => {
    const simulation = new Simulation({ capacity: 100, refusesAbove: 16 });
    await simulation.run(5000);
    const { answered, refused } = simulation;
    const limits = await simulation.run(20_000);
    expect(mean(limits)).toBeLessThan(17);
    expect(mean(limits)).toBeGreaterThan(8);
    expect((simulation.refused - refused) / (simulation.answered - answered)).toBeLessThan(0.05);
  });

  test('never leaves its bounds, and does not grow where nothing waits', async () => {
    const busy = new Simulation({ capacity: 1000 }, { min: 2, max: 12 });
    const limits = await busy.run(5000);
    expect(Math.max(...limits)).toBe(12);
    const failing = new Simulation({ refusesAbove: 0 }, { min: 2, max: 12 });
    expect(new Set(await failing.run(2000))).toEqual(new Set([2]));
    const idle = new Simulation({ capacity: 1000 }, { senders: 3 });
    expect(Math.max(...(await idle.run(5000)))).toBeLessThanOrEqual(8);
  });
});

test('a queue with adaptive concurrency sends as many at a time as the limit says, and shows it', async () => {
  let rig: Rig | undefined;
  const slow: Act = () => new Promise((resolve) => void rig?.clock.after(50, resolve));
  const sink = new ScriptedSink(...Array.from({ length: 500 }, () => slow));
  rig = new Rig(
    {
      sending_queue: { ...queueOf({ num_consumers: 1 }), adaptive_concurrency: { enabled: true, min: 2, max: 8 } },
      retry_on_failure: retryOf(),
    },
    sink,
  );
  const delivery = rig.delivery();
  await delivery.start();
  for (let id = 0; id < 100; id++) await delivery.consume(rig.cargo.shipment([id]));
  await rig.clock.settle();
  expect(sink.active).toBe(2);
  await rig.clock.advance(200);
  expect(sink.activeMax).toBe(8);
  expect(rig.recorder.value('exporter_concurrency_limit{exporter="otlp/test",data_type="logs"}')).toBe(8);
  await rig.shutdown(delivery);
  expect(sink.arrived.flat()).toHaveLength(100);
  expect(sink.activeMax).toBe(8);
  expect(rig.recorder.gauges).toEqual([]);
});
