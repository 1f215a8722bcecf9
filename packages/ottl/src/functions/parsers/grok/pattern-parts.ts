/* What patterns of whole lines are put together from. */

/** A value, or the hyphen that stands for none. The hyphen goes first: it could be a user's name. */
export function orHyphen(pattern: string): string {
  return `(?:-|${pattern})`;
}

/** A value, or the number that stands for none. */
export function orMinusOne(pattern: string): string {
  return `(?:-1|${pattern})`;
}

export function maybe(pattern: string): string {
  return `(?:${pattern})?`;
}

export function oneOf(...patterns: readonly string[]): string {
  return `(?:${patterns.join('|')})`;
}

/** Values with a tab between them. */
export function tabs(...columns: readonly string[]): string {
  return columns.join('\\t');
}

/** Values with one space between them. */
export function words(...columns: readonly string[]): string {
  return columns.join(' ');
}

/** `%{PATTERN:field}` of a name and its patterns, several under one prefix: `{ PREFIX1: a }`. */
export function named(prefix: string, patterns: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(patterns).map(([name, pattern]) => [`${prefix}${name}`, pattern]));
}
