import type { EntryIndex } from './entry-index.ts';
import type { Quarantined } from './quarantine.ts';
import type { SegmentTable } from './segment.ts';
import type { StateIndex } from './state-index.ts';

/** What was found when a directory was opened, for logs, metrics and `verify`. */
export interface RecoveryReport {
  readonly segments: number;
  readonly bytes: number;
  /** Entries that are still to be delivered. */
  readonly entries: number;
  /** Bytes that a crash had left half written at the end; sum of `torn`. */
  readonly tornBytes: number;
  readonly quarantined: readonly Quarantined[];
  /**
   * Ends of the log that do not check. A crash leaves such, before anything in them was acknowledged; damage to what was
   * written last looks the same.
   */
  readonly torn: readonly Quarantined[];
  /** Segments of which the disk refused to read a part; they are left as they are. */
  readonly unreadable: readonly string[];
  /** Names that are not the store's. */
  readonly foreign: readonly string[];
}

export interface Recovered {
  readonly storeId: Uint8Array;
  readonly table: SegmentTable;
  readonly queues: ReadonlyMap<string, EntryIndex>;
  readonly surplus: readonly { readonly segment: number; readonly sequence: number }[];
  readonly state: StateIndex;
  readonly nextSequence: number;
  readonly nextGroup: number;
  readonly nextSegment: number;
  readonly report: RecoveryReport;
}
