import { FakeExtensionHost } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { limitsOf, MemoryLimiter } from './memory-limiter.ts';

const MIB = 1024 * 1024;
const SETTINGS = {
  check_interval: 1_000,
  limit_mib: 100,
  spike_limit_mib: 20,
  limit_percentage: 0,
  spike_limit_percentage: 0,
};

function limiter(settings: Partial<typeof SETTINGS> = {}) {
  const host = new FakeExtensionHost();
  const gate = new MemoryLimiter({ ...SETTINGS, ...settings }, host);
  const use = (heapMib: number, inFlightMib = 0) => {
    host.memoryUse = { ...host.memoryUse, rss: 4096 * MIB, heapUsed: heapMib * MIB, inFlight: inFlightMib * MIB };
  };
  use(10);
  return { host, gate, use };
}

test('above the soft limit data is refused for now, with a time to come again, and taken when memory is free again', async () => {
  const { host, gate, use } = limiter();
  gate.admit(1_000);
  use(50, 31);
  await host.manualClock.advance(1_000);
  expect(() => gate.admit(0)).toThrow(
    expect.objectContaining({ code: 'MEMORY_LIMIT', retryable: true, retryAfterMs: 1_000 }) as Error,
  );
  use(50, 29);
  await host.manualClock.advance(1_000);
  gate.admit(0);
  expect(host.recordedLog.lines.map(({ level }) => level)).toEqual(['warn', 'info']);
  expect(host.manualClock.pending).toBe(0);
});

test('while it refuses it looks by itself, until memory is free or it ends; else nothing ticks', async () => {
  const { host, gate, use } = limiter();
  use(99);
  expect(() => gate.admit(0)).toThrow('memory limit reached');
  await host.manualClock.advance(1_000);
  expect(host.manualClock.pending).toBe(1);
  use(10);
  await host.manualClock.advance(1_000);
  expect(host.recordedLog.lines.map(({ level }) => level)).toEqual(['warn', 'info']);
  expect(host.manualClock.pending).toBe(0);
  use(99);
  await host.manualClock.advance(1_000);
  expect(() => gate.admit(0)).toThrow('memory limit reached');
  gate.shutdown();
  expect(host.manualClock.pending).toBe(0);
});

test('a body that would go beyond the hard limit is refused although there is room for others', () => {
  const { gate } = limiter();
  gate.admit(80 * MIB);
  expect(() => gate.admit(91 * MIB)).toThrow(expect.objectContaining({ code: 'MEMORY_LIMIT' }) as Error);
});

test('the state is measured at the interval, not between', async () => {
  const { host, gate, use } = limiter({ check_interval: 500 });
  gate.admit(0);
  use(99);
  await host.manualClock.advance(499);
  gate.admit(0);
  await host.manualClock.advance(1);
  expect(() => gate.admit(0)).toThrow('memory limit reached');
});

test.each([
  [
    { limit_mib: 100, spike_limit_mib: 20 },
    { hard: 100 * MIB, soft: 80 * MIB },
  ],
  [
    { limit_mib: 100, spike_limit_mib: 0 },
    { hard: 100 * MIB, soft: 80 * MIB },
  ],
  [
    { limit_mib: 0, limit_percentage: 50, spike_limit_percentage: 10 },
    { hard: 500, soft: 400 },
  ],
  [
    { limit_mib: 0, limit_percentage: 50, spike_limit_percentage: 0 },
    { hard: 500, soft: 400 },
  ],
  [
    { limit_mib: 100, limit_percentage: 50 },
    { hard: 100 * MIB, soft: 80 * MIB },
  ],
])('the limits of %o are as the Collector reckons them', (settings, limits) => {
  expect(limitsOf({ ...SETTINGS, ...settings }, () => 1_000)).toEqual(limits);
});
