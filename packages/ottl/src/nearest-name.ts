/** Beyond this many edits two names have nothing to do with each other. */
const EDITS_MAX = 3;

/** The name that was most likely meant, for "did you mean"; undefined when none is near. */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestEdits = Math.min(EDITS_MAX, Math.ceil(name.length / 2)) + 1;
  const wanted = name.toLowerCase();
  for (const each of names) {
    if (each === '') continue;
    if (Math.abs(each.length - name.length) >= bestEdits) continue;
    const edits = editDistance(wanted, each.toLowerCase());
    if (edits >= bestEdits) continue;
    best = each;
    bestEdits = edits;
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, previous[j] + 1, row[j - 1] + 1));
    }
    previous = row;
  }
  return previous[b.length];
}
