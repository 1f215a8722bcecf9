/**
 * A stretch of accounted memory that may be shared with workers. Counted by references: every holder calls
 * {@link release} once.
 */
export interface Region {
  readonly bytes: Uint8Array;
  /** One more holder of the same memory. */
  share(): Region;
  release(): void;
}
