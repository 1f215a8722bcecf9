/**
 * Where a storage extension keeps queues, checkpoints and plugin state, and how. The extension says so; the engine owns
 * the store itself.
 */
export interface StorageDirectory {
  /** Absolute, or relative to the working directory. One collector at a time. */
  readonly directory: string;
  readonly createDirectory: boolean;
  /** Permission bits of a directory that is created, before the umask. */
  readonly directoryMode: number;
  /** How long to wait for another process that holds the directory. */
  readonly lockTimeoutMs: number;
  /** Whether acknowledgements wait for the disk; without, the last seconds may be lost when the machine dies. */
  readonly fsync: boolean;
  /** Room that it may take on disk; Infinity: as much as there is. */
  readonly bytesMax: number;
  /** Room on the disk that is left for others: what would take of it is refused. */
  readonly freeBytesMin: number;
  /** 32 bytes each. The first encrypts, all of them decrypt; none: in clear. */
  readonly keys: readonly Uint8Array[];
}

/**
 * Small values of one component that outlive the process: checkpoints, fingerprints, counts. At most 1 MiB each, and few
 * enough to be held in memory.
 */
export interface ComponentState {
  /** What was last set, in this process or one before it; undefined: nothing. The bytes must not be changed. */
  get(key: string): Uint8Array | undefined;
  /**
   * Takes the bytes over. Resolves when they are on disk, where a crash leaves either the old value or the new one;
   * values of one key are written in the order of the calls. Rejects with a DeliveryError: retryable where the storage
   * is full or fails (STORAGE_FULL, STORAGE_FAILED, SHUTDOWN), or TOO_LARGE.
   */
  set(key: string, value: Uint8Array): Promise<void>;
  /** Resolves when the key is gone for good. Rejects as `set` does. */
  delete(key: string): Promise<void>;
  /** Every key that has a value, in no order. */
  keys(): readonly string[];
}
