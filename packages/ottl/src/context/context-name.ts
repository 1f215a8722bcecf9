/** What statements are about, in the order in which a context is inferred: the Collector's, with those that it does not rank. */
export const CONTEXT_NAMES = [
  'log',
  'exemplar',
  'datapoint',
  'metric',
  'spanevent',
  'span',
  'profilesample',
  'profile',
  'scope',
  'resource',
  'spanlink',
] as const;

export type ContextName = (typeof CONTEXT_NAMES)[number];
