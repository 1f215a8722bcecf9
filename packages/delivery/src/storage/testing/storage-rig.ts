import { createHash } from 'node:crypto';
import type { Logger } from '@millrace/api';
import { ManualClock } from '@millrace/testkit';
import type { Owner, Processes } from '../owner.ts';
import { SeededRandom } from '../simulation/seeded-random.ts';
import { SimulatedFileSystem } from '../simulation/simulated-file-system.ts';
import type { SimulationOptions } from '../simulation/simulated-file-system.ts';
import { Storage } from '../storage.ts';
import type { StorageSettings } from '../storage-settings.ts';

export const DIRECTORY = '/var/store';

/** Processes as the test says: the ones in `running` live. */
export class FakeProcesses implements Processes {
  readonly self: Owner;
  readonly running: Set<number>;

  constructor(pid: number, running: Set<number>, host = 'mill') {
    this.self = { pid, host, boot: 'b', pidNamespace: 'n', started: String(pid) };
    this.running = running;
  }

  fate(owner: Owner): 'alive' | 'dead' | 'unknown' {
    if (owner.host !== this.self.host) return 'unknown';
    return this.running.has(owner.pid) ? 'alive' : 'dead';
  }
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
}

/** A disk, and one storage after the other on it. */
export class StorageRig {
  readonly disk: SimulatedFileSystem;
  readonly running = new Set<number>();
  readonly lines: LogLine[] = [];
  readonly #settings: Partial<StorageSettings>;
  readonly #random: SeededRandom;
  clock = new ManualClock();
  #pid = 100;

  constructor(settings: Partial<StorageSettings> = {}, simulation: Partial<SimulationOptions> = {}) {
    this.#settings = settings;
    this.disk = new SimulatedFileSystem({ seed: 1, ...simulation });
    this.#random = new SeededRandom((simulation.seed ?? 1) ^ 0x5eed);
  }

  /** A storage of a process of its own; the processes before it are dead unless they are put into `running`. */
  storage(settings: Partial<StorageSettings> = {}, host?: string): Storage {
    this.#pid += 1;
    this.clock = new ManualClock();
    return new Storage({
      settings: { ...STORAGE_SETTINGS, ...this.#settings, ...settings },
      files: this.disk.mount(),
      processes: new FakeProcesses(this.#pid, this.running, host),
      clock: this.clock,
      logger: this.#logger(),
      randomBytes: (count) => this.#random.bytes(count),
    });
  }

  get lastPid(): number {
    return this.#pid;
  }

  #logger(): Logger {
    const line = (level: string) => (message: string) => void this.lines.push({ level, message });
    return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
  }
}

export const STORAGE_SETTINGS: StorageSettings = {
  directory: DIRECTORY,
  createDirectory: true,
  segmentBytes: 16 * 1024,
  bytesMax: 1024 * 1024 * 1024,
  freeBytesMin: 0,
  fsync: true,
  keys: [],
  marksDelayMs: 50,
  retryMs: 1000,
};

/** A payload that says what it is and shows every wrong byte. */
export function payloadOf(id: number, bytes: number): Buffer {
  const payload = Buffer.alloc(Math.max(bytes, 24));
  payload.writeUInt32LE(id, 0);
  for (let at = 24; at < payload.length; at++) payload[at] = (id * 31 + at * 7) & 0xff;
  createHash('sha256').update(payload.subarray(0, 4)).update(payload.subarray(24)).digest().copy(payload, 4, 0, 20);
  return payload;
}

/** The id of a payload; throws when any byte of it is not as it was made. */
export function idOf(payload: Uint8Array): number {
  const bytes = Buffer.from(payload);
  const id = bytes.readUInt32LE(0);
  if (!bytes.equals(payloadOf(id, bytes.length))) throw new Error(`payload ${id} is not what was written`);
  return id;
}

/** Appends one payload. */
export function append(queue: ReturnType<Storage['queue']>, id: number, bytes = 24): Promise<number> {
  return queue.append({ meta: Buffer.from(`m${id}`), data: [payloadOf(id, bytes)], items: 1 });
}

/** Reads everything that is left, without marking it done. */
export async function readAll(queue: ReturnType<Storage['queue']>): Promise<number[]> {
  const ids: number[] = [];
  for (let entry = await queue.read(); entry !== undefined; entry = await queue.read()) {
    const id = idOf(entry.data);
    if (Buffer.from(entry.meta).toString() !== `m${id}`) throw new Error(`entry ${id} has another one's meta`);
    ids.push(id);
  }
  return ids;
}
