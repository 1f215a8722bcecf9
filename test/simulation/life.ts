import type { Clock } from '@millrace/api';
import { type FileSystem, type OpenFile } from '@millrace/delivery';
import { mountedDuring, NEVER } from '@millrace/delivery/mounted-file-system';
import { ManualClock } from '@millrace/testkit';

/** Turns of the event loop after each timer: a payload passes so many stages before time moves on. */
const TURNS = 4;

/** How long a lock is watched of which nobody knows whose it is. Nothing else takes as long. */
const WATCHING_MS = 15_000;

/** The time of the whole world. */
export class SimulatedClock extends ManualClock {
  override async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await super.settle();
  }
}

/**
 * One life of the process. When it is over, its timers do not fire, its files give no answer and nobody hears what it
 * says; but its objects are still there, and are put to rest in a time of their own.
 */
export class Life {
  readonly number: number;
  readonly never = NEVER;
  readonly clock: Clock;
  readonly afterwards = new ManualClock();
  #lives = true;
  /** Whether it has been started, and time may pass in it. */
  isUp = false;
  /** Whether a shutdown was asked for. */
  isStopping = false;
  /** Whether it waits for signs of life of another process. */
  isWatching = false;
  readonly #pending = new Set<() => void>();

  constructor(number: number, world: SimulatedClock) {
    this.number = number;
    this.clock = {
      now: () => world.now(),
      monotonic: () => (this.#lives ? world.monotonic() : this.afterwards.monotonic() + world.monotonic()),
      after: (delayMs, callback) => {
        if (!this.#lives) return this.afterwards.after(delayMs, callback);
        const isWatching = delayMs === WATCHING_MS;
        this.isWatching ||= isWatching;
        const cancel = world.after(delayMs, () => {
          this.#pending.delete(cancel);
          if (isWatching) this.isWatching = false;
          callback();
        });
        this.#pending.add(cancel);
        return () => {
          this.#pending.delete(cancel);
          cancel();
        };
      },
    };
  }

  get lives(): boolean {
    return this.#lives;
  }

  die(): void {
    this.#lives = false;
    for (const cancel of this.#pending) cancel();
    this.#pending.clear();
  }

  /** A file system that answers as long as this lives. */
  mount(files: FileSystem): FileSystem {
    const lives = () => this.#lives;
    const mounted = mountedDuring(files, lives);
    return {
      ...mounted,
      open: async (path, mode) => heldDuring(await mounted.open(path, mode), lives),
    };
  }
}

function heldDuring(file: OpenFile, lives: () => boolean): OpenFile {
  const during = <R>(act: () => Promise<R>): Promise<R> => (lives() ? act() : NEVER);
  return {
    read: (into, position) => during(() => file.read(into, position)),
    write: (parts, position) => during(() => file.write(parts, position)),
    preallocate: (bytes) => during(() => file.preallocate(bytes)),
    truncate: (bytes) => during(() => file.truncate(bytes)),
    sync: () => during(() => file.sync()),
    close: () => during(() => file.close()),
  };
}
