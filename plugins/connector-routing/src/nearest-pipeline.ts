/** Beyond this many edits two ids have nothing to do with each other. */
const EDITS_MAX = 4;

/** The pipeline that was most likely meant; undefined when none is near. */
export function nearestPipeline(wanted: string, pipelines: readonly string[]): string | undefined {
  const [best] = pipelines
    .map((pipeline) => ({ pipeline, edits: editDistance(wanted, pipeline) }))
    .filter(({ edits }) => edits <= EDITS_MAX)
    .sort((a, b) => a.edits - b.edits);
  return best?.pipeline;
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
