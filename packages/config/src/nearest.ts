/**
 * The word that was probably meant: one that differs only in case and separators, or by few typing mistakes, or
 * that continues what was written. Undefined where none is near.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = simplified(word);
  if (wanted === '') return undefined;
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const name = simplified(candidate);
    if (name === '') continue;
    let distance = editDistance(wanted, name);
    if (wanted.length >= 3 && (name.startsWith(wanted) || wanted.startsWith(name))) distance = Math.min(distance, 1.5);
    if (distance <= Math.max(1, Math.floor(Math.max(wanted.length, name.length) / 3)) || distance === 1.5) {
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
  }
  return best;
}

/** `did you mean "batch"?`, or undefined. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(word, candidates);
  return found === undefined ? undefined : `did you mean "${found}"?`;
}

/** `did you mean "batch"?`, or which words there are. */
export function didYouMeanOf(word: string, candidates: readonly string[], what: string): string {
  return didYouMean(word, candidates) ?? listOf(candidates, what);
}

const LISTED_MAX = 12;

function listOf(words: readonly string[], what: string): string {
  if (words.length === 0) return `there are no ${what}`;
  const shown = words.toSorted().slice(0, LISTED_MAX).join(', ');
  return `${what}: ${shown}${words.length > LISTED_MAX ? `, and ${words.length - LISTED_MAX} more` : ''}`;
}

function simplified(word: string): string {
  return word.toLowerCase().replace(/[-_\s]/g, '');
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(row[j - 1] + 1, last[j] + 1, last[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, beforeLast[j - 2] + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}
