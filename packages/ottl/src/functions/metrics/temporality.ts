const TEMPORALITIES: Readonly<Record<string, number>> = { delta: 1, cumulative: 2 };

/** The number of "delta" or "cumulative". Throws for others. */
export function temporalityNamed(name: string): number {
  if (Object.hasOwn(TEMPORALITIES, name)) return TEMPORALITIES[name];
  throw new Error(`there is no aggregation temporality ${name}: use delta or cumulative`);
}
