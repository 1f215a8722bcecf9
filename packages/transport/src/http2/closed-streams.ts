const REMEMBERED = 1024;

/**
 * The streams that were closed last. A frame for one that we have reset may have been on its way and is ignored; for any other
 * closed stream it is an error (RFC 9113, section 5.1, "closed").
 */
export class ClosedStreams {
  #ids: Int32Array | undefined;
  #next = 0;

  /** An id of a stream that was reset by us, or the negative id of one that ended otherwise. */
  #add(entry: number): void {
    this.#ids ??= new Int32Array(REMEMBERED);
    this.#ids[this.#next] = entry;
    this.#next = (this.#next + 1) % REMEMBERED;
  }

  addReset(id: number): void {
    this.#add(id);
  }

  addEnded(id: number): void {
    this.#add(-id);
  }

  wasReset(id: number): boolean {
    return this.#ids?.includes(id) ?? false;
  }

  hasEnded(id: number): boolean {
    return this.#ids?.includes(-id) ?? false;
  }
}
