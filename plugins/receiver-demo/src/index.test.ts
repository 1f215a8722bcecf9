import { retryable, type Signal } from '@millrace/api';
import { countItems } from '@millrace/otlp';
import { describeConformance, FakeReceiverHost } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { DemoDecoder } from './demo-decoder.ts';
import definition from './index.ts';

describeConformance(new URL('./index.ts', import.meta.url), { configs: ['demo/fast: { items_per_second: 100000 }'] });

const SIGNALS: readonly Signal[] = ['logs', 'traces', 'metrics'];

/** What the receiver tells in so many seconds, decoded. */
async function tell(settings: { items_per_second: number; seed: number }, seconds: number, signals = SIGNALS) {
  const host = new FakeReceiverHost(signals);
  const receiver = definition.create(settings, host);
  await receiver.start?.();
  await host.manualClock.advance(seconds * 1_000);
  await receiver.shutdown?.();
  const decoder = new DemoDecoder();
  const told = host.consumed.map(({ signal, body, form }) => ({ signal, bytes: decoder.decode(signal, body, form) }));
  const items = told.reduce((sum, { signal, bytes }) => sum + countItems(signal, bytes), 0);
  return { host, told, items };
}

test('the same seed tells the same story, byte for byte, and another seed another', async () => {
  const settings = { items_per_second: 500, seed: 7 };
  const first = await tell(settings, 2);
  expect(first.told.length).toBeGreaterThan(10);
  expect((await tell(settings, 2)).told).toEqual(first.told);
  expect((await tell({ ...settings, seed: 8 }, 2)).told).not.toEqual(first.told);
});

test.each([20, 100, 5_000])('it makes about %d items a second, over all signals together', async (items_per_second) => {
  const { items } = await tell({ items_per_second, seed: 1 }, 20);
  expect(items / 20 / items_per_second).toBeGreaterThan(0.85);
  expect(items / 20 / items_per_second).toBeLessThan(1.15);
});

test('it tells only signals that some pipeline takes, and keeps the rate', async () => {
  const { told, items } = await tell({ items_per_second: 200, seed: 1 }, 20, ['traces']);
  expect(new Set(told.map(({ signal }) => signal))).toEqual(new Set(['traces']));
  expect(items / 20 / 200).toBeGreaterThan(0.85);
  expect(items / 20 / 200).toBeLessThan(1.15);
});

test('a refusal does not stop it', async () => {
  const host = new FakeReceiverHost(['logs']);
  const receiver = definition.create({ items_per_second: 100, seed: 1 }, host);
  host.answer = () => Promise.reject(retryable('busy'));
  await receiver.start?.();
  await host.manualClock.advance(5_000);
  const refused = host.consumed.length;
  await host.manualClock.advance(5_000);
  expect(host.consumed.length).toBeGreaterThan(refused);
  await receiver.shutdown?.();
});
