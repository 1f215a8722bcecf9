/** What a load was, as the generator prints it. */
export interface LoadResult {
  readonly records: number;
  readonly seconds: number;
  /** Requests that were answered with an error and sent again. */
  readonly refused: number;
  /** Before compression, with a record's share of its request. */
  readonly bytesPerRecord: number;
  /** From the sending of the request that was accepted to its answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const DISTINCT_RECORDS_MAX = 32_000;
const DISTINCT_REQUESTS_MAX = 32;

/** How many different requests a load consists of; the n-th is the n-th of them, and again from the first. */
export function distinctRequests(batch: number): number {
  return Math.min(DISTINCT_REQUESTS_MAX, Math.max(4, Math.floor(DISTINCT_RECORDS_MAX / batch)));
}
