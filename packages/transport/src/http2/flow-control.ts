/** Window of every stream and connection before anybody has set another (RFC 9113, section 6.9.2). */
export const WINDOW_BYTES_DEFAULT = 65_535;
export const WINDOW_BYTES_MAX = 2 ** 31 - 1;

/**
 * What the peer may still send. What it has sent is used up at once here, so that it may send more again; it is told when half of the
 * window is gone, which is seldom.
 */
export class ReceiveWindow {
  readonly #bytesMax: number;
  #available: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#available = bytesMax;
  }

  /** Takes what came; false when it is more than was allowed. */
  take(bytes: number): boolean {
    this.#available -= bytes;
    return this.#available >= 0;
  }

  /** Bytes to allow now by a WINDOW_UPDATE; 0: none yet. */
  refill(): number {
    const missing = this.#bytesMax - this.#available;
    if (missing * 2 < this.#bytesMax) return 0;
    this.#available = this.#bytesMax;
    return missing;
  }
}

/** What we may still send; below zero after the peer has reduced its windows. */
export class SendWindow {
  available: number;

  constructor(bytes: number) {
    this.available = bytes;
  }

  /** Adds to the window; false when it becomes larger than a window may be. */
  grow(bytes: number): boolean {
    this.available += bytes;
    return this.available <= WINDOW_BYTES_MAX;
  }
}
