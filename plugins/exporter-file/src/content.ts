/** What is written into one file, from its beginning to its end. Calls do not overlap; a failed one may be repeated. */
export interface Content {
  /** Length that the file would have if it were finished now. */
  readonly bytes: number;
  /** Bytes that were taken and are not in the file. */
  readonly heldBytes: number;
  /** Some of them could not be written when that was last tried. */
  readonly isBehind: boolean;
  /** Is there a limit that can be reached by appending? Not where the path is a pipe or a terminal. */
  readonly isRegular: boolean;
  /**
   * Takes encoded batches, all of them or, if it throws, none. They may be reused as soon as it has settled.
   * @throws the file system's error
   */
  add(payloads: readonly Uint8Array[]): Promise<void>;
  /** Brings the file up to date as far as its format allows. */
  flush(): Promise<void>;
  /** Ends the file, on the disk, and closes it. */
  finish(): Promise<void>;
  /** Closes the file as it is. */
  abandon(): Promise<void>;
}
