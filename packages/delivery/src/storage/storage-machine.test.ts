import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DeliveryError } from '@millrace/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineStorage } from './testing/machine-storage.ts';
import { append, readAll } from './testing/storage-rig.ts';

const PROGRAM = fileURLToPath(new URL('./testing/appending-process.ts', import.meta.url));
const CYCLES = 12;
let root: string;

beforeAll(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'storage-test-'));
});

afterAll(() => {
  fs.rmSync(root, { recursive: true, force: true });
});

interface Appender {
  readonly child: ChildProcess;
  /** Lines of the child so far. */
  readonly lines: string[];
  /** Resolves when so many lines were printed. */
  readonly printed: (count: number) => Promise<void>;
  readonly ended: Promise<void>;
}

function startAppender(directory: string, firstId: number): Appender {
  const child = spawn(process.execPath, [PROGRAM, directory, String(firstId)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  let onLine = (): void => {};
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    onLine();
  });
  const printed = (count: number): Promise<void> =>
    new Promise((resolve) => {
      onLine = () => {
        if (lines.length >= count) resolve();
      };
      onLine();
    });
  const ended = Promise.all([
    new Promise<void>((resolve) => void child.on('exit', () => resolve())),
    new Promise<void>((resolve) => void reader.on('close', resolve)),
  ]).then(() => {});
  return { child, lines, printed, ended };
}

test('killed again and again while it appends, it loses nothing that it acknowledged and repeats nothing it marked', async () => {
  const directory = path.join(root, 'killed');
  const acknowledged = new Set<number>();
  const marked = new Set<number>();
  let firstId = 1;
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const { child, lines, printed, ended } = startAppender(directory, firstId);
    await printed(50 + ((cycle * 7919) % 600));
    child.kill('SIGKILL');
    await ended;
    for (const line of lines) {
      const [what, id] = line.split(' ');
      if (what === 'a') acknowledged.add(Number(id));
      if (what === 'd') marked.add(Number(id));
      firstId = Math.max(firstId, Number(id ?? 0) + 100);
    }
  }
  const storage = machineStorage(directory);
  const { quarantined } = await storage.open();
  expect(quarantined).toEqual([]);
  const queue = storage.queue('q');
  const found = await readAll(queue);
  await storage.close();
  expect(found).toEqual(found.toSorted((a, b) => a - b));
  const there = new Set(found);
  expect(there.size).toBe(found.length);
  expect(found.filter((id) => marked.has(id))).toEqual([]);
  const missing = [...acknowledged].filter((id) => !there.has(id) && !marked.has(id));
  expect(missing.filter((id) => id % 2 === 1)).toEqual([]);
  // Marks may have been on disk, and not reported any more when the process was killed.
  expect(missing.length).toBeLessThanOrEqual(10 * CYCLES);
  expect(marked.size).toBeGreaterThan(100);
  expect(acknowledged.size).toBeGreaterThan(1000);
}, 60_000);

test('a second process on the same directory is told which one holds it', async () => {
  const directory = path.join(root, 'shared');
  const first = startAppender(directory, 1);
  await first.printed(1);
  const second = startAppender(directory, 1);
  await second.ended;
  expect(second.lines).toEqual([
    `refused the storage in ${directory} is in use by process ${first.child.pid} on ${os.hostname()}`,
  ]);
  expect(second.child.exitCode).toBe(1);
  await expect(machineStorage(directory).open()).rejects.toMatchObject({ code: 'STORAGE_IN_USE' });
  first.child.kill('SIGKILL');
  await first.ended;
  const third = machineStorage(directory);
  await third.open();
  await third.close();
});

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot && process.platform === 'linux')(
  'on a small disk that fills up it refuses, goes on when there is room, and keeps what it took',
  async ({ skip }) => {
    const mount = path.join(root, 'small');
    fs.mkdirSync(mount);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', mount]);
    } catch {
      skip('mounting is not allowed here');
    }
    try {
      const directory = path.join(mount, 'store');
      const storage = machineStorage(directory);
      await storage.open();
      const queue = storage.queue('q');
      let taken = 0;
      let error: unknown;
      while (error === undefined) {
        error = await append(queue, taken + 1, 10_000).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error === undefined) taken += 1;
      }
      expect(error).toBeInstanceOf(DeliveryError);
      expect(error).toMatchObject({ code: 'STORAGE_FULL', retryable: true });
      expect(taken).toBeGreaterThan(300);
      for (let done = 1; done <= 100; done++) queue.done((await queue.read())!.sequence);
      await storage.clean();
      await append(queue, taken + 1, 10_000);
      await storage.close();
      // Now somebody else takes every last byte.
      try {
        fs.writeFileSync(path.join(mount, 'other'), Buffer.alloc(8 * 1024 * 1024));
      } catch (reason) {
        expect(reason).toMatchObject({ code: 'ENOSPC' });
      }
      const full = machineStorage(directory);
      await expect(full.open()).rejects.toMatchObject({ code: 'STORAGE_DISK_FULL' });
      fs.rmSync(path.join(mount, 'other'));
      const next = machineStorage(directory);
      await next.open();
      const expected = Array.from({ length: taken + 1 - 100 }, (_, index) => 101 + index);
      expect(await readAll(next.queue('q'))).toEqual(expected);
      await next.close();
    } finally {
      // Lazily: an error above is to be seen, not one about files that are still open.
      execFileSync('umount', ['-l', mount]);
    }
  },
);

test('files are for their owner only, and a closed storage leaves no lock and no spare room behind', async () => {
  const directory = path.join(root, 'modes');
  const storage = machineStorage(directory, { keys: [Buffer.alloc(32, 1)] });
  await storage.open();
  const queue = storage.queue('q');
  for (let id = 1; id <= 100; id++) await append(queue, id, 5000);
  await storage.close();
  const names = fs.readdirSync(directory);
  expect(names).not.toContain('LOCK');
  expect(names.every((name) => /^(?:\d{8}\.seg|millrace-storage\.json)$/.test(name))).toBe(true);
  expect(fs.statSync(directory).mode & 0o777).toBe(0o700);
  for (const name of names) expect(fs.statSync(path.join(directory, name)).mode & 0o777, name).toBe(0o600);
});
