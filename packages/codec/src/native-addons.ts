import { createRequire } from 'node:module';
import type * as Lz4 from 'lz4-napi';
import type * as Snappy from 'snappy';

/*
 * Native addons are loaded when the first frame needs them: each costs every worker that imports it 3 to 4 MB and some
 * threads, and most pipelines use neither.
 */

const load = createRequire(import.meta.url);
let lz4: typeof Lz4 | undefined;
let snappy: typeof Snappy | undefined;

/** LZ4 frames and blocks. */
export function lz4Addon(): typeof Lz4 {
  return (lz4 ??= load('lz4-napi') as typeof Lz4);
}

/** Snappy blocks. */
export function snappyAddon(): typeof Snappy {
  return (snappy ??= load('snappy') as typeof Snappy);
}
