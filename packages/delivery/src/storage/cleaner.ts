import type { FileSystem } from './file-system.ts';
import type { OpenFiles } from './open-files.ts';
import type { Relocation } from './relocation.ts';
import type { SegmentPool } from './segment-pool.ts';
import type { Segment, SegmentTable } from './segment.ts';
import { unlinkIfThere } from './whole-file.ts';

/** Segments may take this many times what is live in them, and a few more, before they are compacted. */
const SLACK_FACTOR = 2;
const SLACK_SEGMENTS = 4;

export interface CleanerOptions {
  readonly files: FileSystem;
  readonly directory: string;
  readonly table: SegmentTable;
  readonly pool: SegmentPool;
  readonly openFiles: OpenFiles;
  readonly relocation: Relocation;
  readonly segmentBytes: number;
  readonly fsync: boolean;
  readonly onFreed: () => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Frees segments in which nothing is needed any more, and copies the rest out of those that hold little.
 *
 * The order of removals matters: a mark may go only when the entries that it ends are gone from the disk for sure.
 */
export class Cleaner {
  readonly #options: CleanerOptions;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(options: CleanerOptions) {
    this.#options = options;
  }

  /** Something became free. */
  wake(): void {
    this.#again = true;
    if (!this.#stopped) this.#running ??= this.#run();
  }

  /** Resolves when what can be freed now is free. */
  async settle(): Promise<void> {
    this.wake();
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        while (await this.#freeDead());
        if (await this.#compactOne()) this.#again = true;
      }
    } catch (error) {
      // The disk fails: it is tried again when the next segment becomes free.
      this.#options.onFailure(error);
    } finally {
      this.#running = undefined;
    }
  }

  async #freeDead(): Promise<boolean> {
    const { table, files, directory, pool, openFiles, fsync, onFreed } = this.#options;
    const dead: Segment[] = [];
    for (const segment of table.values()) if (segment.dead) dead.push(segment);
    if (dead.length === 0) return false;
    for (const segment of dead) {
      openFiles.forget(segment.path);
      if (!segment.removed && !(await pool.recycle(segment))) await unlinkIfThere(files, segment.path);
      segment.removed = true;
    }
    if (fsync) await files.syncDirectory(directory);
    for (const { number } of dead) table.remove(number);
    onFreed();
    return true;
  }

  /** True when something was copied, and a segment is free for it. */
  async #compactOne(): Promise<boolean> {
    const { table, segmentBytes, relocation } = this.#options;
    let live = 0;
    let bytes = 0;
    let best: Segment | undefined;
    let bestShare = 1 / SLACK_FACTOR;
    for (const segment of table.values()) {
      const needed = segment.liveBytes + segment.markBytes;
      live += needed;
      bytes += segment.bytes;
      const share = needed / segment.bytes;
      if (!segment.closed || segment.pinned || share >= bestShare) continue;
      best = segment;
      bestShare = share;
    }
    if (best === undefined || bytes <= SLACK_FACTOR * live + SLACK_SEGMENTS * segmentBytes) return false;
    return relocation.empty(best);
  }
}
