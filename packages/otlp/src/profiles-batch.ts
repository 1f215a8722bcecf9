import { TelemetryBatch, type BatchOptions } from './telemetry-batch.ts';

/**
 * Profiles on the wire, passed through untouched. Unlike the other signals, two chunks can't be made one by concatenation: each
 * has a dictionary of its own that its profiles point into.
 */
export class ProfilesBatch extends TelemetryBatch {
  readonly signal = 'profiles';

  static of(chunks: Iterable<Uint8Array>, options: BatchOptions = {}): ProfilesBatch {
    return new ProfilesBatch(chunks, options);
  }

  /** One batch a chunk: a chunk of profiles is not cut, whatever the limits. */
  override split(): this[] {
    return this.chunks.map((chunk) => this.withChunks([chunk]));
  }

  protected override withChunks(chunks: Iterable<Uint8Array>): this {
    return new ProfilesBatch(chunks, { allocate: this.allocate }) as this;
  }

  /** The one chunk. Throws RangeError when there are several: send each by itself. */
  override toBytes(): Uint8Array {
    this.checkSingle();
    return super.toBytes();
  }

  override writeTo(target: Uint8Array, offset: number): number {
    this.checkSingle();
    return super.writeTo(target, offset);
  }

  private checkSingle(): void {
    const count = this.chunks.length;
    if (count > 1) throw new RangeError(`cannot join ${count} requests of profiles: send each of its chunks by itself`);
  }
}
