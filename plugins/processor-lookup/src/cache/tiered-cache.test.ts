import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { ManualClock, RecordingLogger } from '@millrace/testkit';
import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { TestDirectory } from '../testing/lookup.ts';
import type { CacheValue } from './cache-entry.ts';
import { CompressedTier } from './compressed-tier.ts';
import { packEntries, unpackEntries } from './packed-entry.ts';
import { type TierName, TieredCache, type TieredCacheSettings } from './tiered-cache.ts';

const SETTINGS: TieredCacheSettings = {
  entriesMax: 10,
  bytesMax: 1e6,
  ttlMs: 1_000,
  negativeTtlMs: 100,
  staleMs: 0,
  compressedBytesMax: 0,
  disk: undefined,
};

const open: TieredCache[] = [];
afterEach(() => open.splice(0).forEach((cache) => cache.close()));

function cacheOf(
  settings: Partial<TieredCacheSettings> = {},
  load = (key: string): CacheValue | undefined => `of ${key}`,
) {
  const [clock, logger, asked] = [new ManualClock(), new RecordingLogger(), [] as string[]];
  const ask = (key: string) => {
    asked.push(key);
    return Promise.resolve(key).then(load);
  };
  const cache = new TieredCache({ ...SETTINGS, ...settings }, { clock, logger, load: ask });
  cache.open();
  open.push(cache);
  const tier = (name: TierName) => cache.tiers.get(name)!;
  return { cache, clock, logger, asked, tier };
}

test('an answer counts for its time', async () => {
  const { cache, clock, asked, tier } = cacheOf();
  expect(await cache.get('a')).toBe('of a');
  await clock.advance(999);
  expect(await cache.get('a')).toBe('of a');
  expect(asked).toEqual(['a']);
  await clock.advance(1);
  expect(await cache.get('a')).toBe('of a');
  expect(asked).toEqual(['a', 'a']);
  expect(tier('memory').counts).toEqual({ hits: 2, misses: 1, evictions: 0 });
});

test('that there is nothing counts for a time of its own, or not at all', async () => {
  const { cache, clock, asked } = cacheOf({}, () => undefined);
  await cache.get('a');
  await clock.advance(99);
  expect(cache.peek('a')).toMatchObject({ value: undefined });
  await clock.advance(1);
  expect(cache.peek('a')).toBeUndefined();
  expect(asked).toEqual(['a']);
  const forgetful = cacheOf({ negativeTtlMs: 0 }, () => undefined);
  await forgetful.cache.get('a');
  expect(forgetful.cache.peek('a')).toBeUndefined();
});

test('many who want the same ask once; a failure is for all of them, and is not kept', async () => {
  let isFailing = true;
  const { cache, asked } = cacheOf({}, () => {
    if (isFailing) throw new Error('down');
    return 1;
  });
  const answers = await Promise.allSettled([cache.get('a'), cache.get('a'), cache.get('a')]);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  isFailing = false;
  expect(await Promise.all([cache.get('a'), cache.get('a')])).toEqual([1, 1]);
  expect(asked).toEqual(['a', 'a']);
});

test('an answer that is a little too old is given while it is asked for anew', async () => {
  let version = 0;
  const { cache, clock, asked } = cacheOf({ staleMs: 500 }, () => ++version);
  await cache.get('a');
  await clock.advance(1_200);
  expect(await cache.get('a')).toBe(1);
  await cache.settled();
  expect(await cache.get('a')).toBe(2);
  expect(asked).toHaveLength(2);
  await clock.advance(1_500);
  expect(cache.peek('a')).toBeUndefined();
});

test('what does not fit as objects is found compressed, and comes up again', async () => {
  const load = (key: string) => ({ name: `user ${key}`, roles: ['reader', 'writer'], id: BigInt(key) });
  const { cache, asked, tier } = cacheOf({ compressedBytesMax: 1e6 }, load);
  for (let id = 0; id < 500; id++) await cache.get(String(id));
  expect(tier('memory').entries).toBe(10);
  expect(tier('compressed').entries).toBe(490);
  const bytesEach = tier('compressed').bytes / 490;
  expect(bytesEach).toBeLessThan(150);
  for (let id = 0; id < 500; id++) expect(await cache.get(String(id))).toEqual(load(String(id)));
  expect(asked).toHaveLength(500);
  expect(tier('compressed').entries).toBe(490);
});

test('memory stays within its bounds, in both tiers', async () => {
  const load = (key: string) => Buffer.from(key.repeat(50)).toString('base64');
  const { cache, tier } = cacheOf({ entriesMax: 1e6, bytesMax: 20_000, compressedBytesMax: 10_000 }, load);
  for (let id = 0; id < 2_000; id++) {
    await cache.get(String(id * 7919));
    expect(tier('memory').bytes).toBeLessThanOrEqual(20_000);
    expect(tier('compressed').bytes).toBeLessThanOrEqual(10_000);
  }
  expect(tier('compressed').counts.evictions).toBeGreaterThan(1_000);
  expect(tier('memory').entries).toBeGreaterThan(5);
});

test('a compressed tier does what a map does, but for forgetting', () => {
  const command = fc.tuple(fc.constantFrom('set', 'take', 'delete'), fc.nat(120), fc.string());
  fc.assert(
    fc.property(fc.array(command, { maxLength: 600 }), (commands) => {
      const tier = new CompressedTier(1e6);
      const model = new Map<string, string>();
      for (const [what, id, value] of commands) {
        const key = String(id);
        if (what === 'set') {
          tier.set(key, { value, expiresAtMs: 1 });
          model.set(key, value);
        } else if (what === 'take') {
          expect(tier.take(key)?.value).toBe(model.get(key));
          model.delete(key);
        } else {
          tier.delete(key);
          model.delete(key);
        }
        expect(tier.entries).toBe(model.size);
      }
      for (const key of model.keys()) tier.delete(key);
      expect(tier.bytes).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('entries come back as they were packed', () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double({ noDefaultInfinity: true }).filter((each) => !Object.is(each, -0)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.dictionary(
      fc.string().filter((name) => name !== '__proto__'),
      fc.array(fc.string()),
      { noNullPrototype: true },
    ),
  );
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(fc.string(), value), { selector: ([key]) => key }), (pairs) => {
      const entries = new Map(pairs.map(([key, each]) => [key, { value: each, expiresAtMs: Infinity }]));
      expect(unpackEntries(packEntries(entries))).toEqual(entries);
    }),
  );
});

const onDisk = (directory: TestDirectory, bytesMax = 1e6) => ({
  disk: { directory: directory.file('cache'), name: 'test', bytesMax },
});
const FILE = 'cache/test.0.db';

test('answers on disk outlive the collector, and their time goes on', async () => {
  using directory = new TestDirectory();
  const before = cacheOf(onDisk(directory));
  for (let id = 0; id < 300; id++) await before.cache.get(`k${id}`);
  before.cache.close();
  const after = cacheOf(onDisk(directory));
  expect(after.tier('disk').entries).toBe(300);
  for (let id = 0; id < 300; id++) expect(await after.cache.get(`k${id}`)).toBe(`of k${id}`);
  expect(after.asked).toEqual([]);
  expect(after.tier('disk').counts).toMatchObject({ hits: 300, misses: 0 });
  await after.clock.advance(1_000);
  await after.cache.get('k0');
  expect(after.asked).toEqual(['k0']);
});

test('answers are written soon, without waiting for the end', async () => {
  using directory = new TestDirectory();
  const { cache, clock, tier } = cacheOf(onDisk(directory));
  await cache.get('a');
  expect(tier('disk').entries).toBe(0);
  await clock.advance(1_000);
  expect(tier('disk').entries).toBe(1);
  expect(readFileSync(directory.file(`${FILE}-wal`)).includes('of a')).toBe(true);
});

test('the file keeps within its bound; what was used longest ago goes first', async () => {
  using directory = new TestDirectory();
  const { cache, clock, tier } = cacheOf({ ...onDisk(directory, 30_000), ttlMs: 0 }, (key) => key.repeat(20));
  for (let id = 0; id < 1_000; id++) {
    await cache.get(`key ${id}`);
    if (id % 100 === 99) await clock.advance(1_000);
  }
  expect(tier('disk').bytes).toBeLessThanOrEqual(30_000);
  expect(tier('disk').entries).toBeGreaterThan(50);
  expect(tier('disk').counts.evictions).toBeGreaterThan(500);
  cache.close();
  const after = cacheOf(onDisk(directory, 30_000));
  expect(after.cache.peek('key 999')).toBeDefined();
  expect(after.cache.peek('key 1')).toBeUndefined();
});

test('two caches of one name do not share a file', async () => {
  using directory = new TestDirectory();
  const caches = [cacheOf(onDisk(directory)), cacheOf(onDisk(directory), () => 'other')];
  for (const { cache } of caches) await cache.get('a');
  for (const { cache } of caches) cache.close();
  const names = readdirSync(directory.file('cache')).filter((name) => name.endsWith('.db'));
  expect(names).toEqual(['test.0.db', 'test.1.db']);
});

function change(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

const filled = async (directory: TestDirectory) => {
  const { cache } = cacheOf(onDisk(directory));
  for (let id = 0; id < 300; id++) await cache.get(`k${id}`);
  cache.close();
  return directory.file(FILE);
};

test.each([
  ['no database', (file: string) => writeFileSync(file, 'x'.repeat(5_000))],
  ['half a file', (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 9_000))],
  ['a broken page', (file: string) => writeFileSync(file, readFileSync(file).fill(0xff, 4_096, 8_192))],
  ['another format', (file: string) => change(file, 'PRAGMA user_version = 9')],
  ['another table', (file: string) => change(file, 'DROP TABLE entries; CREATE TABLE entries (a, used)')],
])('%s is thrown away, and that is said', async (_, damage) => {
  using directory = new TestDirectory();
  damage(await filled(directory));
  const { cache, logger, asked, tier } = cacheOf(onDisk(directory));
  expect(logger.messages('warn')).toEqual(['the cache on disk is damaged and begins anew']);
  expect(await cache.get('k1')).toBe('of k1');
  expect(asked).toEqual(['k1']);
  cache.close();
  expect(tier('disk').entries).toBe(1);
});

test.each([
  ['a changed value', "UPDATE entries SET value = replace(value, 'of k1', 'of k9') WHERE key = 'k1'"],
  ['a row under another key', "DELETE FROM entries WHERE key = 'k1'; UPDATE entries SET key = 'k1' WHERE key = 'k2'"],
])('%s is found out when it is read', async (_, sql) => {
  using directory = new TestDirectory();
  change(await filled(directory), sql);
  const { cache, logger, asked } = cacheOf(onDisk(directory));
  expect(await cache.get('k1')).toBe('of k1');
  expect(asked).toEqual(['k1']);
  expect(logger.messages('warn')).toEqual(['the cache on disk is damaged and begins anew']);
});

test('a directory that cannot be made ends the start', () => {
  using directory = new TestDirectory();
  writeFileSync(directory.file('cache'), '');
  expect(() => cacheOf(onDisk(directory))).toThrow(expect.objectContaining({ code: 'CACHE_UNUSABLE' }));
});
