/** A point in time, Go's time.Time: nanoseconds since 1970, and the zone in which it is shown. */
export class Time {
  readonly unixNanos: bigint;
  /** An IANA name, 'UTC', or an offset such as '+02:00'. It counts for formatting and parts of the time, not for comparison. */
  readonly zone: string;

  constructor(unixNanos: bigint, zone = 'UTC') {
    this.unixNanos = unixNanos;
    this.zone = zone;
  }
}

/** A length of time, Go's time.Duration: an int64 of nanoseconds. */
export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = BigInt.asIntN(64, nanos);
  }
}
