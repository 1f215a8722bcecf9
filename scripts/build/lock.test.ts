import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withLock } from './lock.ts';

function lockFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, '.lock');
}

test('one works after the other, and an error gives the lock back', async () => {
  const file = lockFile();
  const events: string[] = [];
  const first = withLock(file, async () => {
    events.push('first');
    await new Promise((resolve) => void setImmediate(resolve));
    events.push('first ends');
    throw new Error('no');
  });
  const second = withLock(file, () => Promise.resolve(events.push('second')));
  await expect(first).rejects.toThrow('no');
  await second;
  expect(events).toEqual(['first', 'first ends', 'second']);
  expect(existsSync(file)).toBe(false);
});

test('the lock of a process that has died is taken over', async () => {
  const file = lockFile();
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(file, String(pid));
  expect(await withLock(file, () => Promise.resolve('mine'))).toBe('mine');
});

test('so is one that is too old, though somebody else has its process id, and one that was left empty', async () => {
  for (const holder of [String(process.pid), '']) {
    const file = lockFile();
    writeFileSync(file, holder);
    const longAgo = Date.now() / 1_000 - 3_600;
    utimesSync(file, longAgo, longAgo);
    expect(await withLock(file, () => Promise.resolve('mine'))).toBe('mine');
  }
});
