/** A set of code points: sorted, disjoint, non-adjacent ranges, flat as `[from, to, from, to, ...]`, both ends included. */
export type CharSet = readonly number[];

export const CODE_POINT_MAX = 0x10ffff;
export const ANY: CharSet = [0, CODE_POINT_MAX];
export const NO_NEWLINE: CharSet = [0, 9, 11, CODE_POINT_MAX];

const DIGIT: CharSet = [0x30, 0x39];
const UPPER: CharSet = [0x41, 0x5a];
const LOWER: CharSet = [0x61, 0x7a];
const WORD: CharSet = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];

/** What `\d`, `\s` and `\w` mean in RE2: ASCII only, and no vertical tab in `\s`. */
export const PERL_CLASSES: Readonly<Record<string, CharSet>> = {
  d: DIGIT,
  s: [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20],
  w: WORD,
};

/** What `[[:name:]]` means. */
export const POSIX_CLASSES: Readonly<Record<string, CharSet>> = {
  alnum: [0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a],
  alpha: [0x41, 0x5a, 0x61, 0x7a],
  ascii: [0x00, 0x7f],
  blank: [0x09, 0x09, 0x20, 0x20],
  cntrl: [0x00, 0x1f, 0x7f, 0x7f],
  digit: DIGIT,
  graph: [0x21, 0x7e],
  lower: LOWER,
  print: [0x20, 0x7e],
  punct: [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e],
  space: [0x09, 0x0d, 0x20, 0x20],
  upper: UPPER,
  word: WORD,
  xdigit: [0x30, 0x39, 0x41, 0x46, 0x61, 0x66],
};

/** Sorts and joins ranges in any order. */
export function charSet(ranges: readonly number[]): CharSet {
  const pairs: [number, number][] = [];
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i], ranges[i + 1]]);
  pairs.sort((a, b) => a[0] - b[0]);
  const joined: number[] = [];
  for (const [from, to] of pairs) {
    const last = joined.length - 1;
    if (last > 0 && from <= joined[last] + 1) joined[last] = Math.max(joined[last], to);
    else joined.push(from, to);
  }
  return joined;
}

export function complement(set: CharSet): CharSet {
  const rest: number[] = [];
  let next = 0;
  for (let i = 0; i < set.length; i += 2) {
    if (set[i] > next) rest.push(next, set[i] - 1);
    next = set[i + 1] + 1;
  }
  if (next <= CODE_POINT_MAX) rest.push(next, CODE_POINT_MAX);
  return rest;
}

export function intersects(a: CharSet, b: CharSet): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i + 1] < b[j]) i += 2;
    else if (b[j + 1] < a[i]) j += 2;
    else return true;
  }
  return false;
}

/** Whether ignoring case makes no difference to the set. */
export function ignoresCase(set: CharSet): boolean {
  if (set === ANY || set === NO_NEWLINE) return true;
  return set.length > 0 && set[set.length - 1] < 0x80 && !intersects(set, UPPER) && !intersects(set, LOWER);
}

/**
 * At least everything that the set matches when case is ignored. Exact for ASCII (where `k` has the Kelvin sign and `s` the long
 * s as a third form); anything beyond could have relatives anywhere and becomes the set of everything.
 */
export function foldedAtLeast(set: CharSet): CharSet {
  if (set.length === 0 || ignoresCase(set)) return set;
  if (set[set.length - 1] >= 0x80) return ANY;
  const ranges = [...set];
  for (let i = 0; i < set.length; i += 2) {
    for (let letter = Math.max(set[i], 0x41); letter <= Math.min(set[i + 1], 0x7a); letter++) {
      const lower = letter | 0x20;
      if (lower < 0x61 || lower > 0x7a) continue;
      ranges.push(lower, lower, lower - 0x20, lower - 0x20);
      if (lower === 0x6b) ranges.push(0x212a, 0x212a);
      if (lower === 0x73) ranges.push(0x17f, 0x17f);
    }
  }
  return charSet(ranges);
}
