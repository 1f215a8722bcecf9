import { truncate } from '../../value/convert.ts';
import { wrapInt } from '../../value/value.ts';

const AGGREGATIONS = ['sum', 'max', 'min', 'mean', 'median', 'count'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** Throws for names of no function. */
export function aggregationNamed(name: string): Aggregation {
  const found = AGGREGATIONS.find((each) => each === name);
  if (found === undefined) throw new Error(`there is no aggregation ${name}: use one of ${AGGREGATIONS.join(', ')}`);
  return found;
}

/** One number of at least one. The first says of which type: int64s stay so, and lose fractions. */
export function aggregateNumbers(numbers: readonly (bigint | number)[], aggregation: Aggregation): bigint | number {
  if (typeof numbers[0] === 'bigint')
    return ofInts(
      numbers.map((each) => (typeof each === 'bigint' ? each : truncate(each))),
      aggregation,
    );
  return ofFloats(numbers.map(Number), aggregation);
}

function ofInts(values: readonly bigint[], aggregation: Aggregation): bigint {
  const sum = wrapInt(values.reduce((total, value) => total + value));
  switch (aggregation) {
    case 'sum':
      return sum;
    case 'mean':
      return sum / BigInt(values.length);
    case 'max':
      return values.reduce((most, value) => (value > most ? value : most));
    case 'min':
      return values.reduce((least, value) => (value < least ? value : least));
    case 'count':
      return BigInt(values.length);
    case 'median': {
      const [low, high] = middle(values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
      return wrapInt(low + high) / 2n;
    }
  }
}

function ofFloats(values: readonly number[], aggregation: Aggregation): number {
  const sum = values.reduce((total, value) => total + value);
  switch (aggregation) {
    case 'sum':
      return sum;
    case 'mean':
      return sum / values.length;
    case 'max':
      return values.reduce((most, value) => Math.max(most, value));
    case 'min':
      return values.reduce((least, value) => Math.min(least, value));
    case 'count':
      return values.length;
    case 'median': {
      const [low, high] = middle(values.toSorted((a, b) => a - b));
      return (low + high) / 2;
    }
  }
}

/** The two in the middle; twice the same one of an odd number. */
function middle<T>(sorted: readonly T[]): readonly [T, T] {
  return [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
}
