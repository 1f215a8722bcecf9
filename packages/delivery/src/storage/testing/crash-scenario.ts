import { isRetryable, messageOf } from '@millrace/api';
import type { QueueLog } from '../queue-log.ts';
import { SeededRandom } from '../simulation/seeded-random.ts';
import type { Fault, Operation } from '../simulation/simulated-file-system.ts';
import type { StateStore } from '../state-store.ts';
import type { Storage } from '../storage.ts';
import { append, idOf, StorageRig } from './storage-rig.ts';

const QUEUES = ['otlp/logs', 'file/traces', 'otlp/metrics'];
const KEYS = ['a', 'b', 'c'];

type Fate = 'offered' | 'acknowledged' | 'refused' | 'done' | 'done for good';

export interface ScenarioOptions {
  readonly seed: number;
  /** Lives of the storage; all but the last end with a crash. */
  readonly lives: number;
  readonly acts: number;
  readonly encrypted: boolean;
  /** Errors of the disk, too, not only crashes. */
  readonly errors: boolean;
  /** False: a deliberate breach of the promise. */
  readonly fsync?: boolean;
}

/** Plays random appends, reads, marks, state changes and crashes from a seed, and collects what must not be. */
export class CrashScenario {
  readonly faults: string[] = [];
  readonly rig: StorageRig;
  /** For a test that wants to see that something happens at all. */
  readonly seen = { crashes: 0, recovered: 0, again: 0, refused: 0, compacted: 0 };
  readonly #options: ScenarioOptions;
  readonly #random: SeededRandom;
  readonly #fates = new Map<string, Map<number, Fate>>(QUEUES.map((name) => [name, new Map()]));
  /** Per key, what it may be after a crash: the last value that is certain, and everything written since. */
  readonly #state = new Map<string, (number | undefined)[]>(KEYS.map((key) => [key, [undefined]]));
  #id = 0;
  #life = 0;

  constructor(options: ScenarioOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    const keys = options.encrypted ? [this.#random.bytes(32)] : [];
    const segmentBytes = 8192 + 4096 * this.#random.below(4);
    this.rig = new StorageRig({ keys, segmentBytes, fsync: options.fsync ?? true }, { seed: options.seed });
  }

  async play(): Promise<readonly string[]> {
    for (let life = 1; life <= this.#options.lives; life++) await this.#live(life === this.#options.lives);
    return this.faults;
  }

  async #live(last: boolean): Promise<void> {
    this.#life += 1;
    const { disk } = this.rig;
    const crashAt = last ? Infinity : disk.operations + this.#random.below(this.#options.acts * 3);
    const troubled = this.#options.errors && !last && this.#random.chance(0.5);
    disk.fault = (operation) => {
      if (operation.index >= crashAt) return 'crash';
      return troubled ? this.#trouble(operation) : undefined;
    };
    const { crashed } = disk;
    const end = await Promise.race([
      crashed.then(() => 'crash'),
      this.#work(last).catch((error: unknown) => messageOf(error)),
    ]);
    if (end !== 'crash' && end !== undefined) {
      if (!troubled) this.faults.push(`failed without a reason: ${end}`);
    }
    if (last) return;
    disk.fault = () => undefined;
    if (end !== 'crash') disk.crash();
    this.seen.crashes += 1;
  }

  #trouble({ name }: Operation): Fault | undefined {
    if (!this.#random.chance(0.03)) return undefined;
    if (name === 'sync') return this.#random.chance(0.5) ? 'EIO' : { turns: 50 };
    if (name === 'write') return this.#random.chance(0.5) ? 'EIO' : 'short';
    if (name === 'preallocate' || name === 'truncate') return 'ENOSPC';
    return name === 'unlink' || name === 'rename' || name === 'syncDirectory' ? 'EIO' : undefined;
  }

  async #work(last: boolean): Promise<void> {
    const life = this.#life;
    const storage = this.rig.storage();
    const report = await storage.open();
    if (report.unreadable.length + report.foreign.length > 0)
      this.faults.push('a file of the store was not known as such');
    if (report.quarantined.length > 0 && !this.#options.errors) this.faults.push('a crash was taken for damage');
    const queues = new Map(QUEUES.map((name) => [name, storage.queue(name)]));
    const state = storage.state('plugin');
    for (const [name, queue] of queues) await this.#checkBacklog(name, queue);
    this.#checkState(state);
    for (let act = 0; act < this.#options.acts; act++) {
      await this.#act(storage, queues, state);
      // The power was cut meanwhile.
      if (life !== this.#life) return;
    }
    if (last) await this.#drain(storage, queues);
  }

  /** Everything acknowledged and not done is there, in order; nothing else that was not at least offered. */
  async #checkBacklog(name: string, queue: QueueLog): Promise<void> {
    const fates = this.#fates.get(name)!;
    const found: number[] = [];
    const inHand: number[] = [];
    for (let entry = await queue.read(); entry !== undefined; entry = await queue.read()) {
      const id = idOf(entry.data);
      if (found.length > 0 && found.at(-1)! >= id) this.faults.push(`${name}: ${id} came after ${found.at(-1)}`);
      found.push(id);
      inHand.push(entry.sequence);
      const fate = fates.get(id);
      if (fate === undefined) this.faults.push(`${name}: ${id} was never written`);
      if (fate === 'done for good') this.faults.push(`${name}: ${id} is back although its mark was on disk`);
      if (fate === 'done') this.seen.again += 1;
    }
    const there = new Set(found);
    for (const [id, fate] of fates) {
      if (fate === 'acknowledged' && !there.has(id)) this.faults.push(`${name}: ${id} was acknowledged and is lost`);
    }
    this.seen.recovered += found.length;
    fates.clear();
    for (const id of found) fates.set(id, 'acknowledged');
    // Some of it is delivered at once, the rest waits for a later life.
    const ids = [...found];
    const keep = this.#random.below(3);
    for (const [index, sequence] of inHand.entries()) {
      if (this.#random.below(3) < keep) continue;
      queue.done(sequence);
      fates.set(ids[index], 'done');
    }
  }

  #checkState(state: StateStore): void {
    for (const [key, allowed] of this.#state) {
      const value = state.get(key);
      const number = value === undefined ? undefined : Buffer.from(value).readUInt32LE();
      if (!allowed.includes(number)) this.faults.push(`state ${key} is ${number}, may be ${allowed.join(' or ')}`);
      this.#state.set(key, [number]);
    }
  }

  async #act(storage: Storage, queues: ReadonlyMap<string, QueueLog>, state: StateStore): Promise<void> {
    const name = QUEUES[this.#random.below(QUEUES.length)];
    const queue = queues.get(name)!;
    const fates = this.#fates.get(name)!;
    const choice = this.#random.below(20);
    if (choice < 9) {
      const burst = Array.from({ length: 1 + this.#random.below(6) }, () => this.#append(queue, fates));
      if (this.#random.chance(0.8)) await Promise.all(burst);
    } else if (choice < 16) {
      const entry = await queue.read();
      if (entry === undefined) return;
      const id = idOf(entry.data);
      if (fates.get(id) === undefined) this.faults.push(`${name}: ${id} was never written`);
      if (this.#random.chance(0.9)) {
        queue.done(entry.sequence);
        fates.set(id, 'done');
      }
    } else if (choice < 18) await this.#change(state);
    else if (choice < 19) await this.#settle(storage);
    else await this.rig.clock.advance(60);
  }

  async #append(queue: QueueLog, fates: Map<number, Fate>): Promise<void> {
    const id = ++this.#id;
    const bytes = this.#random.chance(0.05) ? 30_000 : this.#random.below(2000);
    fates.set(id, 'offered');
    try {
      await append(queue, id, bytes);
      // It may have been read, and marked, before this is known.
      if (fates.get(id) === 'offered') fates.set(id, 'acknowledged');
    } catch (error) {
      fates.set(id, 'refused');
      this.seen.refused += 1;
      if (!isRetryable(error)) this.faults.push(`refused for good: ${String(error)}`);
    }
  }

  async #change(state: StateStore): Promise<void> {
    const key = KEYS[this.#random.below(KEYS.length)];
    const value = this.#random.chance(0.3) ? undefined : ++this.#id;
    this.#state.get(key)!.push(value);
    const bytes = Buffer.alloc(4 + this.#random.below(300));
    bytes.writeUInt32LE(value ?? 0);
    try {
      await (value === undefined ? state.delete(key) : state.set(key, bytes));
      this.#state.set(key, [value]);
    } catch (error) {
      if (!isRetryable(error)) this.faults.push(`state refused for good: ${String(error)}`);
    }
  }

  /** What is done when all marks are on disk never comes back. */
  async #settle(storage: Storage): Promise<void> {
    const done = [...this.#fates.values()].flatMap((fates) =>
      [...fates].filter(([, fate]) => fate === 'done').map(([id]) => [fates, id] as const),
    );
    const { segments } = storage.stats;
    await storage.clean();
    if (storage.stats.segments < segments) this.seen.compacted += 1;
    if (storage.stats.unmarked > 0) return;
    for (const [fates, id] of done) fates.set(id, 'done for good');
  }

  /** At the end all goes out, and hardly anything stays on the disk. */
  async #drain(storage: Storage, queues: ReadonlyMap<string, QueueLog>): Promise<void> {
    for (const [, queue] of queues) {
      for (let entry = await queue.read(); entry !== undefined; entry = await queue.read()) queue.done(entry.sequence);
      queue.release();
      const again = storage.queue(queue.name);
      for (let entry = await again.read(); entry !== undefined; entry = await again.read()) again.done(entry.sequence);
    }
    await storage.clean();
    const { segments } = storage.stats;
    if (segments > 8) this.faults.push(`${segments} segments are left although everything is delivered`);
    await storage.close();
  }
}
