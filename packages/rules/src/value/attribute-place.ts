/** Where attributes can be, by OTTL's names of the contexts; `body` is the body of a log record, where it is a map. */
export const ATTRIBUTE_PLACES = [
  'resource',
  'scope',
  'log',
  'body',
  'span',
  'spanevent',
  'spanlink',
  'datapoint',
  'exemplar',
] as const;

export type AttributePlace = (typeof ATTRIBUTE_PLACES)[number];
