import { silentLogger } from '@millrace/testkit';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from './testing/rig.ts';
import { lockPath } from './write-lock.ts';

/** Another process that has taken the lock. */
async function otherProcess(path: string): Promise<ChildProcess> {
  const module = new URL('./write-lock.ts', import.meta.url).href;
  const script = `
    const { lockPath } = await import(${JSON.stringify(module)});
    globalThis.held = lockPath(${JSON.stringify(path)}, console);
    process.stdout.write('locked');
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

it('a path that another process writes is refused, until that process is gone, however it ends', async () => {
  const path = join(temporaryDirectory(), 'x.jsonl');
  const child = await otherProcess(path);
  expect(() => lockPath(path, silentLogger)).toThrow(expect.objectContaining({ code: 'PATH_IN_USE' }));
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = lockPath(path, silentLogger);
  expect(lock.isLeftover).toBe(true);
  lock.release({ finished: true });
});

it('a released path tells the next writer how it was left', () => {
  const path = join(temporaryDirectory(), 'x.jsonl');
  const first = lockPath(path, silentLogger);
  expect(first.isLeftover).toBe(false);
  first.release({ finished: true });
  const second = lockPath(path, silentLogger);
  expect(second.isLeftover).toBe(false);
  second.release({ finished: false });
  const third = lockPath(path, silentLogger);
  expect(third.isLeftover).toBe(true);
  third.release({ finished: true });
});

it('the lock file is empty and alone, and its removal is no harm to who holds it', () => {
  const directory = temporaryDirectory();
  const path = join(directory, 'x.jsonl');
  const lock = lockPath(path, silentLogger);
  expect(existsSync(join(directory, '.x.jsonl.lock'))).toBe(true);
  expect(existsSync(join(directory, '.x.jsonl.lock-journal'))).toBe(false);
  lock.release({ finished: true });
  expect(() => lock.release({ finished: true })).not.toThrow();
});

it('where no lock can be had, it says so and goes on', () => {
  const path = join(temporaryDirectory(), 'x.jsonl');
  writeFileSync(join(path, '..', '.x.jsonl.lock'), 'not what SQLite reads, so that it refuses');
  const warnings: string[] = [];
  const lock = lockPath(path, { ...silentLogger, warn: (message) => void warnings.push(message) });
  expect(warnings).toHaveLength(1);
  lock.release({ finished: true });
});
