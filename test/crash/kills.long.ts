/**
 * `npm run crash`: hundreds of kills in every setting of the queue. `CRASH_CYCLES` sets how many (default: 300) and
 * `CRASH_SEED` where the random numbers begin; a failure names its seed.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { atEndOf } from '../harness/cleanup.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { crashRun, type CrashRunOptions, LARGE } from './crash-run.ts';

const CYCLES = Number(process.env['CRASH_CYCLES'] ?? 300);
const SEED = Number(process.env['CRASH_SEED'] ?? Date.now() % 1e9);

type Variant = Omit<CrashRunOptions, 'seed' | 'cycles'> & { readonly name: string; readonly mustRefuse?: boolean };

const KEY = Buffer.alloc(32, 7).toString('base64');
const VARIANTS: readonly Variant[] = [
  { name: 'as it is' },
  { name: 'with workers', threads: 1 },
  { name: 'merging', queue: `${LARGE}, batch: { min_size: 50, max_size: 100, flush_timeout: 100ms }` },
  { name: 'in order', queue: `${LARGE}, backlog_share: 1, sizer: items` },
  { name: 'with senders that wait', queue: 'block_on_overflow: true, sizer: bytes, queue_size: 100000' },
  { name: 'encrypted', storage: `encryption: { key: ${KEY} }` },
  { name: 'killed at the start', duringStart: 0.7 },
  { name: 'compacting all the time', storage: 'max_size: 3MiB', bodyBytes: 3_000 },
  { name: 'with its quota full', storage: 'max_size: 2MiB', bodyBytes: 20_000, mustRefuse: true },
];

test.each(VARIANTS)(
  '$name, killed again and again: nothing is lost',
  async ({ name, mustRefuse = false, ...variant }) => {
    const cycles = Math.ceil(CYCLES / VARIANTS.length);
    const report = await crashRun({ ...variant, cycles, seed: SEED });
    const { lost, lateDuplicates, ...counts } = report;
    console.log(`${name}: ${cycles} kills, seed ${SEED}`, counts);
    expect({ seed: SEED, lost, lateDuplicates }).toEqual({ seed: SEED, lost: [], lateDuplicates: [] });
    expect(report.acknowledged).toBeGreaterThan(0);
    if (mustRefuse) expect(report.refused).toBeGreaterThan(0);
  },
);

test('a disk that is full: what does not fit is refused, and nothing is lost over kills', async () => {
  const { folder, storage } = smallDisk();
  const cycles = Math.ceil(CYCLES / 10);
  const options = { cycles, seed: SEED, duringStart: 0, bodyBytes: 200_000, folder, storage };
  const { lost, lateDuplicates, ...counts } = await crashRun(options);
  console.log(`full disk: ${cycles} kills, seed ${SEED}`, counts);
  expect({ lost, lateDuplicates }).toEqual({ lost: [], lateDuplicates: [] });
  expect(counts.acknowledged).toBeGreaterThan(100);
  expect(counts.refused).toBeGreaterThan(0);
});

/** Room for a few segments of the storage. */
const DISK_BYTES = 60 * 1024 * 1024;

/** A folder on a small disk; where mounting is not allowed, one on a disk of which all but a little is reserved. */
function smallDisk(): { readonly folder: string; readonly storage: string } {
  const folder = join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    console.log('mounting is not allowed here: all but a little of the disk is reserved instead');
    const { bavail, bsize } = statfsSync(folder);
    return { folder, storage: `min_free_space: ${bavail * bsize - DISK_BYTES}` };
  }
  atEndOf('test', () => void execFileSync('umount', ['-l', folder]));
  return { folder, storage: 'min_free_space: 0' };
}
