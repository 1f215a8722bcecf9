import type { Clock, Logger } from '@millrace/api';
import type { FileSystem } from './file-system.ts';
import type { Processes } from './owner.ts';

export interface StorageSettings {
  /** Absolute. One process at a time. */
  readonly directory: string;
  readonly createDirectory: boolean;
  /** Size of a segment. A record that does not fit gets one of its own. */
  readonly segmentBytes: number;
  /** Room that the store may take on disk; what frees room may take one segment more. */
  readonly bytesMax: number;
  /** Room that is left free on the disk for others. */
  readonly freeBytesMin: number;
  /**
   * Whether acknowledgements wait for the disk. Without, what is acknowledged survives the death of the process, but
   * not always that of the machine: the last seconds may be lost, or damaged and quarantined.
   */
  readonly fsync: boolean;
  /** 32 bytes each. The first encrypts, all of them decrypt; none: in clear. */
  readonly keys: readonly Uint8Array[];
  /** How long done marks may wait for company. After a crash what was done in this time is delivered again. */
  readonly marksDelayMs: number;
  /** After a failed write everything is refused for this long, before the disk is tried again. */
  readonly retryMs: number;
}

export interface StorageOptions {
  readonly settings: StorageSettings;
  readonly files: FileSystem;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly randomBytes: (count: number) => Uint8Array;
}

export interface StorageStats {
  readonly segments: number;
  /** Room taken on disk. */
  readonly bytes: number;
  /** What of it is still needed. */
  readonly liveBytes: number;
  readonly groups: number;
  readonly records: number;
  readonly writtenBytes: number;
  /** Damaged parts that were put aside since the start, the ones found at the start included. */
  readonly quarantined: number;
  /** Ends of the log that did not check at the start, and were cut off. */
  readonly torn: number;
  /** Entries that could not be read and were passed over since the start. */
  readonly unreadable: number;
  /** Entries that are done and not marked on disk yet: these come again after a crash. */
  readonly unmarked: number;
}
