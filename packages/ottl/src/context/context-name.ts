/** What statements are about. */
export const CONTEXT_NAMES = [
  'log',
  'exemplar',
  'datapoint',
  'metric',
  'spanevent',
  'spanlink',
  'span',
  'resource',
  'scope',
] as const;

export type ContextName = (typeof CONTEXT_NAMES)[number];
