import { NO_WATCHERS, type Policy } from './policy.ts';

/** Samples every trace. */
export const alwaysSample: Policy = { watchers: NO_WATCHERS, isStateful: false, decide: () => 'sampled' };
