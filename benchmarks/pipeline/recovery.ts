/**
 * What a start costs after a crash, for each GB that waits on disk: `node benchmarks/pipeline/recovery.ts [GB]`. A process
 * fills a storage and is killed; others open it and read all of it back, as a collector does when its destination is there.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { MachineProcesses, NodeFileSystem, Storage } from '@millrace/delivery';

const GIGABYTES = Number(process.argv[2] ?? 1);
const PAYLOADS = [1_000, 10_000, 100_000, 1_000_000];
const SILENT = { debug() {}, info() {}, warn() {}, error: console.error };
const ROLE = process.env['RECOVERY_ROLE'];

function storageIn(directory: string): Storage {
  const clock = {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(delayMs: number, callback: () => void) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  };
  return new Storage({
    settings: {
      directory,
      createDirectory: true,
      segmentBytes: 16 * 1024 * 1024,
      bytesMax: Infinity,
      freeBytesMin: 0,
      fsync: true,
      keys: [],
      marksDelayMs: 100,
      retryMs: 1_000,
    },
    files: new NodeFileSystem({ directoryMode: 0o700 }),
    processes: new MachineProcesses(),
    clock,
    logger: SILENT,
    randomBytes,
  });
}

/** Never returns: it is killed when all is on disk. */
async function fill(directory: string, payloadBytes: number): Promise<void> {
  const storage = storageIn(directory);
  await storage.open();
  const queue = storage.queue('q');
  const data = [randomBytes(payloadBytes)];
  const meta = Buffer.from('{"signal":"logs"}');
  const count = Math.ceil((GIGABYTES * 1e9) / payloadBytes);
  for (let at = 0; at < count; at += 64) {
    const group = Array.from({ length: Math.min(64, count - at) }, () => queue.append({ meta, data, items: 1 }));
    await Promise.all(group);
  }
  process.kill(process.pid, 'SIGKILL');
}

/** Prints how long it takes to open, until the first entry is there, and to read all of them, in seconds. */
async function recover(directory: string): Promise<void> {
  const startedMs = performance.now();
  const seconds = () => (performance.now() - startedMs) / 1_000;
  const storage = storageIn(directory);
  await storage.open();
  const opened = seconds();
  const openBytes = process.memoryUsage().rss;
  const queue = storage.queue('q');
  let first = 0;
  let bytes = 0;
  let entries = 0;
  for (let entry = await queue.read(); entry !== undefined; entry = await queue.read()) {
    if (entries++ === 0) first = seconds();
    bytes += entry.data.length;
  }
  console.log(JSON.stringify({ opened, first, read: seconds() - opened, openBytes, bytes, entries }));
  process.kill(process.pid, 'SIGKILL');
}

async function inProcess(role: string, directory: string, payloadBytes: number): Promise<string> {
  const env = { ...process.env, RECOVERY_ROLE: role };
  const args = [import.meta.filename, String(GIGABYTES), directory, String(payloadBytes)];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  return output;
}

if (ROLE !== undefined) {
  const [directory = '', payloadBytes = ''] = process.argv.slice(3);
  await (ROLE === 'fill' ? fill(directory, Number(payloadBytes)) : recover(directory));
} else {
  for (const payloadBytes of PAYLOADS) {
    const directory = mkdtempSync(path.join(tmpdir(), 'millrace-recovery-'));
    await inProcess('fill', directory, payloadBytes);
    const { opened, first, read, openBytes, bytes, entries } = JSON.parse(
      await inProcess('recover', directory, payloadBytes),
    ) as Record<'opened' | 'first' | 'read' | 'openBytes' | 'bytes' | 'entries', number>;
    const perGigabyte = (value: number) => ((value / bytes) * 1e9).toFixed(2);
    console.log(
      `${payloadBytes} byte payloads: a start takes ${perGigabyte(opened)} s for each GB, the first request is there after ${first.toFixed(2)} s, ` +
        `${entries} are read at ${(bytes / read / 1e6).toFixed(0)} MB/s, RSS ${(openBytes / 1e6).toFixed(0)} MB once it is open`,
    );
    rmSync(directory, { recursive: true, force: true });
  }
}
