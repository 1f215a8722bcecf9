import { encodeRecord } from './record-body.ts';
import type { RecordContent, RecordPlace, RecordSetting } from './record-body.ts';
import { RECORD_HEADER_BYTES } from './record-header.ts';

/** A part up to this size is copied: one buffer more for writev costs about as much. See benchmarks/micro/storage. */
const COPY_BYTES_MAX = 16 * 1024;
const STAGE_BYTES = 1024 * 1024;

/**
 * Gathers the records of one group into few buffers: small parts are copied together, large ones are written from
 * where they are.
 */
export class GroupBuffer {
  readonly #stage = Buffer.allocUnsafeSlow(STAGE_BYTES);
  #parts: Uint8Array[] = [];
  #used = 0;
  /** Start of what was staged and is not in the parts yet. */
  #open = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  clear(): void {
    this.#parts = [];
    this.#used = 0;
    this.#open = 0;
    this.#bytes = 0;
  }

  /** Whether a record with `bytes` may need more staging room than there is. */
  hasRoom(bytes: number): boolean {
    return this.#used + Math.min(bytes, 4 * COPY_BYTES_MAX) <= STAGE_BYTES;
  }

  add(content: RecordContent, where: RecordSetting & RecordPlace): void {
    const stage = this.#stage;
    const header = this.#used;
    this.#used += RECORD_HEADER_BYTES;
    const parts = encodeRecord(content, where, stage, header);
    for (const part of parts) {
      if (part.length <= COPY_BYTES_MAX && this.#used + part.length <= STAGE_BYTES) {
        stage.set(part, this.#used);
        this.#used += part.length;
      } else {
        this.#flush();
        this.#parts.push(part);
      }
      this.#bytes += part.length;
    }
    this.#bytes += RECORD_HEADER_BYTES;
  }

  /** What is to be written, in order; valid until `clear`. */
  take(): readonly Uint8Array[] {
    this.#flush();
    return this.#parts;
  }

  #flush(): void {
    if (this.#used > this.#open) this.#parts.push(this.#stage.subarray(this.#open, this.#used));
    this.#open = this.#used;
  }
}
