import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, SMALL_BYTES_MAX } from './arena.ts';
import type { Region } from './arena.ts';
import type { ArenaRegion } from './arena-region.ts';
import { sizeClass, SLAB_BYTES } from './block-pool.ts';

const MIB = 1024 * 1024;
const arenaOf = (more: { shared?: boolean; bytesInFlightMax?: number } = {}) =>
  new Arena({ shared: true, bytesInFlightMax: 64 * MIB, debug: true, ...more });

describe.each([true, false])('Arena (shared: %s)', (shared) => {
  it('accounts what is held, and nothing after everything was released', () => {
    const arena = arenaOf({ shared });
    const regions = [10, 1000, 40_000, 5 * MIB].map((length) => arena.allocate(length, 'intake'));
    expect(arena.bytesInFlight).toBe(16 + 1000 + 40_000 + 5 * MIB);
    for (const region of regions) region.release();
    expect(arena.bytesInFlight).toBe(0);
    expect(arena.leaks()).toEqual([]);
  });

  it('puts small regions into one buffer', () => {
    const arena = arenaOf({ shared });
    const buffers = new Set(Array.from({ length: 100 }, () => arena.allocate(1000, 'intake').bytes.buffer));
    expect(buffers.size).toBe(1);
    expect([...buffers][0] instanceof SharedArrayBuffer).toBe(shared);
  });

  it('never gives the same memory to two holders, whatever the order of releases', () => {
    const length = fc.oneof(fc.nat(2000), fc.nat(SMALL_BYTES_MAX), fc.nat(300_000));
    const action = fc.record({ length, release: fc.nat(10), share: fc.boolean() });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
        const arena = arenaOf({ shared });
        const held: { region: ArenaRegion; mark: number }[] = [];
        let mark = 0;
        const checkAndRelease = (index: number) => {
          const [{ region, mark }] = held.splice(index, 1);
          expect(region.bytes.every((byte) => byte === mark)).toBe(true);
          region.release();
        };
        for (const { length, release, share } of actions) {
          const region = arena.allocate(length, 'intake');
          mark = (mark + 1) % 200;
          region.bytes.fill(mark);
          held.push({ region, mark });
          if (share) held.push({ region: region.share(), mark });
          if (release < held.length) checkAndRelease(release);
        }
        while (held.length > 0) checkAndRelease(held.length - 1);
        expect(arena.bytesInFlight).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps a body of unknown length whole while it grows, and gives the rest of its room back', () => {
    const arena = arenaOf({ shared });
    const body = arena.openBody();
    const chunk = Uint8Array.from({ length: 3000 }, (_, index) => index);
    for (let index = 0; index < 50; index++) body.append(chunk);
    expect(body.bytes).toHaveLength(150_000);
    const region = body.toRegion();
    expect(arena.bytesInFlight).toBe(150_000);
    expect(Buffer.from(region.bytes).equals(Buffer.concat(Array.from({ length: 50 }, () => chunk)))).toBe(true);
    region.release();
    expect(arena.bytesInFlight).toBe(0);
  });
});

describe('the budget', () => {
  it('refuses intake with an error that the sender retries, and leaves room for outputs', () => {
    const arena = arenaOf({ bytesInFlightMax: 10 * MIB });
    const held = arena.allocate(7 * MIB, 'intake');
    const refused = expect.objectContaining({ code: 'MEMORY_BUDGET', retryable: true });
    expect(() => arena.openBody(2 * MIB)).toThrow(refused);
    expect(() => arena.allocate(4 * MIB, 'output')).toThrow(refused);
    const output = arena.allocate(3 * MIB, 'output');
    expect(arena.bytesInFlight).toBe(arena.bytesInFlightMax);
    output.release();
    held.release();
    arena.openBody(2 * MIB).release();
  });

  it('refuses a body that outgrows it, and gets back what it held', () => {
    const arena = arenaOf({ bytesInFlightMax: MIB });
    const body = arena.openBody();
    expect(() => {
      for (;;) body.append(new Uint8Array(100_000));
    }).toThrow(expect.objectContaining({ code: 'MEMORY_BUDGET' }));
    expect(body.bytes.length).toBeGreaterThan(200_000);
    body.release();
    body.release();
    expect(arena.bytesInFlight).toBe(0);
  });

  it('refuses intake when a few small regions pin much memory', () => {
    const arena = arenaOf({ bytesInFlightMax: 4 * MIB });
    const pins: Region[] = [];
    const fill = () => {
      const others: Region[] = [];
      for (let used = 0; used < SLAB_BYTES; used += 16 * 1024) others.push(arena.allocate(16 * 1024 - 64, 'intake'));
      pins.push(arena.allocate(64, 'intake'));
      for (const region of others) region.release();
    };
    expect(() => {
      for (let slab = 0; slab < 100; slab++) fill();
    }).toThrow(expect.objectContaining({ code: 'MEMORY_BUDGET' }));
    expect(arena.bytesHeld).toBeLessThan(8 * MIB);
  });
});

describe('what waits long', () => {
  it('pins no slab', () => {
    const arena = arenaOf();
    const small = arena.copy(Uint8Array.of(1, 2, 3), 'intake');
    const kept = arena.compact(small);
    expect(kept.bytes).toEqual(Uint8Array.of(1, 2, 3));
    expect(kept.bytes.buffer.byteLength).toBe(3);
    expect(() => small.bytes).toThrow('after its release');
    kept.release();
    expect(arena.bytesInFlight).toBe(0);
  });

  it('is not copied if it fills its buffer', () => {
    const arena = arenaOf();
    const large = arena.allocate(MIB, 'intake');
    expect(arena.compact(large)).toBe(large);
    large.release();
  });
});

describe('buffers', () => {
  it('are used again, and given back when they are idle for two rounds', () => {
    const arena = arenaOf();
    const retired: number[] = [];
    arena.onRetire((block) => retired.push(block));
    const first = arena.allocate(MIB, 'intake');
    const { buffer } = first.bytes;
    first.release();
    const second = arena.allocate(MIB - 100, 'intake');
    expect(second.bytes.buffer).toBe(buffer);
    second.release();
    arena.trim();
    expect(retired).toEqual([]);
    arena.trim();
    arena.trim();
    expect(retired).toHaveLength(1);
    expect(arena.bytesHeld).toBe(0);
  });

  it('of a size class waste at most a fifth', () => {
    fc.assert(
      fc.property(fc.integer({ min: SMALL_BYTES_MAX + 1, max: 32 * MIB }), (length) => {
        const size = sizeClass(length);
        expect(size).toBeGreaterThanOrEqual(length);
        expect((size - length) / size).toBeLessThanOrEqual(0.2);
      }),
    );
  });
});

describe('debug mode', () => {
  it('catches double release and use after release', () => {
    const arena = arenaOf();
    const region = arena.allocate(10, 'intake');
    const other = region.share();
    region.release();
    expect(() => region.release()).toThrow('released again');
    expect(() => region.bytes).toThrow('read after');
    expect(() => region.share()).toThrow('shared after');
    expect(other.bytes).toHaveLength(10);
    other.release();
  });

  it('overwrites memory that was given back, and names what is still held', () => {
    const arena = arenaOf();
    const region = arena.copy(Uint8Array.of(1, 2, 3, 4), 'intake');
    const { bytes } = region;
    expect(arena.leaks()[0]).toContain('arena.test.ts');
    region.release();
    expect([...bytes]).toEqual([0xdb, 0xdb, 0xdb, 0xdb]);
  });

  it('off: a second release does nothing', () => {
    const arena = new Arena({ shared: false, bytesInFlightMax: MIB });
    const region = arena.allocate(10, 'intake');
    const other = region.share();
    region.release();
    region.release();
    expect(arena.bytesInFlight).toBe(16);
    other.release();
    expect(arena.bytesInFlight).toBe(0);
  });
});
