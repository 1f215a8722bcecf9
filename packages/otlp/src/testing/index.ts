/** What tests of other packages need: an independent decoder, and random requests in all their wire forms. */
export * from './arbitraries.ts';
export * from './oracle.ts';
export * from './rewire.ts';
