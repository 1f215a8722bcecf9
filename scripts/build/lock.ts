import fs from 'node:fs';
import { setTimeout } from 'node:timers/promises';

const POLL_MS = 50;
/** Nothing that is done under a lock takes so long: its holder is gone, whoever now has its process id. */
const STALE_MS = 120_000;

/** Runs `work` while no other process does so with the same file. A holder that has died gives its place to the next one. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  while (!tryLock(file)) await setTimeout(POLL_MS);
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

function tryLock(file: string): boolean {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (isAbandoned(file)) fs.rmSync(file, { force: true });
  return false;
}

function isAbandoned(file: string): boolean {
  try {
    if (Date.now() - fs.statSync(file).mtimeMs > STALE_MS) return true;
    const holder = Number(fs.readFileSync(file, 'utf8'));
    return holder > 0 && !isAlive(holder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false; // Given back meanwhile.
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
