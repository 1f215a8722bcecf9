import { parseTValue, type Threshold, tValueOf } from './threshold.ts';

/** What an item says of its own sampling: read from it, changed by the decision, written back. Reused from item to item. */
export class SamplingState {
  /** Explicit randomness, 14 hex digits in any case; '' where there is none. */
  rValue = '';
  /** The threshold as it was written; '' where there is none. */
  tValue = '';
  /** What `tValue` stands for. */
  threshold: Threshold = '';
  /** It says something that cannot be understood, and must stay as it is. */
  isBroken = false;

  clear(): void {
    this.rValue = '';
    this.clearThreshold();
    this.isBroken = false;
  }

  clearThreshold(): void {
    this.tValue = '';
    this.threshold = '';
  }

  /** Takes over a `th`. False when it is none. */
  readThreshold(text: string): boolean {
    const threshold = parseTValue(text);
    if (threshold === undefined) return false;
    this.tValue = text;
    this.threshold = threshold;
    return true;
  }

  /** Raises the threshold. It is never lowered: an item cannot become more probable than it was. */
  raiseThreshold(threshold: Threshold): void {
    if (this.tValue !== '' && this.threshold > threshold) return;
    this.threshold = threshold;
    this.tValue = tValueOf(threshold);
  }
}
