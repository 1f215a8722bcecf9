import { double } from '@millrace/otlp';
import type { RateLimitSettings } from './rate-limit-settings.ts';
import type { TokenBucket } from './token-bucket.ts';
import type { ItemView } from './walk-items.ts';

/** What becomes of an item for which there are no tokens: whether it stays. */
export type Excess = (item: ItemView, bucket: TokenBucket) => boolean;

export function excessOf({ excess, sample, tag }: RateLimitSettings): Excess {
  switch (excess) {
    case 'tag':
      return (item) => {
        item.attributes.set(tag.attribute, true);
        return true;
      };
    case 'sample':
      return sampling(sample);
    default:
      return () => false;
  }
}

/** Keeps every n-th of the rest, evenly, so that the counts add up to what there was. */
function sampling({ ratio, attribute }: RateLimitSettings['sample']): Excess {
  const count = 1 / ratio;
  const adjusted = Number.isInteger(count) ? count : double(count);
  return (item, bucket) => {
    bucket.sampled += ratio;
    // Ten times 0.1 is a little less than 1.
    if (bucket.sampled < 1 - 1e-9) return false;
    bucket.sampled -= 1;
    item.attributes.set(attribute, adjusted);
    return true;
  };
}
