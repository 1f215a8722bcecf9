export interface KeyValueDelimiters {
  readonly delimiter: string;
  readonly pairDelimiter: string;
}

/** With the defaults `=` and a space. Throws for empty ones, and for two that are the same. */
export function keyValueDelimiters(delimiter = '=', pairDelimiter = ' '): KeyValueDelimiters {
  if (delimiter === '') throw new Error('delimiter must not be empty');
  if (pairDelimiter === '') throw new Error('pair_delimiter must not be empty');
  if (delimiter === pairDelimiter) throw new Error(`pair_delimiter must not be the delimiter "${delimiter}"`);
  return { delimiter, pairDelimiter };
}
