import { stat } from 'node:fs/promises';

/** How often files are looked at, unless somebody waits for it. */
const PERIOD_MS_DEFAULT = 1_000;

/**
 * Tells when one of some files has become another one. It looks at them again and again, which works on every file system
 * and through the links that orchestrators replace; a change counts once it was the same for one period, so that nobody
 * reads half a file.
 */
export class FileWatch {
  readonly #files: () => Iterable<string>;
  readonly #onChange: () => void;
  readonly #periodMs: number;
  /** States that were acted upon, or are those to begin with. */
  readonly #known = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #seen = '';

  /** `files` is asked each time; what is new in it counts as known. */
  constructor(files: () => Iterable<string>, onChange: () => void, periodMs: number = PERIOD_MS_DEFAULT) {
    this.#files = files;
    this.#onChange = onChange;
    this.#periodMs = periodMs;
  }

  /** What the files are now is what changes are compared with. */
  async start(): Promise<void> {
    await this.#changes();
    this.#timer = setInterval(() => void this.#check(), this.#periodMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #check(): Promise<void> {
    const changes = await this.#changes();
    const now = JSON.stringify([...changes]);
    const isStable = now === this.#seen;
    this.#seen = now;
    if (!isStable || changes.size === 0) return;
    for (const [file, state] of changes) this.#known.set(file, state);
    this.#onChange();
  }

  async #changes(): Promise<ReadonlyMap<string, string>> {
    const changes = new Map<string, string>();
    for (const file of this.#files()) {
      const state = await stateOf(file);
      const known = this.#known.get(file);
      if (known === undefined) this.#known.set(file, state);
      else if (known !== state) changes.set(file, state);
    }
    return changes;
  }
}

async function stateOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
