/** A histogram with given bounds; a value that equals a bound belongs below it. */
export class ExplicitHistogram {
  readonly bounds: Float64Array;
  readonly counts: Float64Array;
  count = 0;
  sum = 0;

  /** `bounds` ascend, and are shared with other histograms. */
  constructor(bounds: Float64Array) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number, times: number): void {
    this.count += times;
    this.sum += value * times;
    let low = 0;
    let high = this.bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.bounds[middle] < value) low = middle + 1;
      else high = middle;
    }
    this.counts[low] += times;
  }
}
