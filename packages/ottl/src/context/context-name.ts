/** What statements are about, in the order in which a context is inferred: the Collector's, and then those that it does not rank. */
export const CONTEXT_NAMES = [
  'log',
  'datapoint',
  'metric',
  'spanevent',
  'span',
  'resource',
  'scope',
  'exemplar',
  'spanlink',
] as const;

export type ContextName = (typeof CONTEXT_NAMES)[number];
