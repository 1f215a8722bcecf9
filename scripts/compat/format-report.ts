import type { Obstacle, Verdict } from './check-config.ts';
import type { Summary } from './summarise.ts';

const WANTS_MAX = 20;

/** A paragraph for each configuration that does not run, a line for each that does, then totals and what is wanted most. */
export function formatReport(verdicts: readonly Verdict[], summary: Summary, skipped: readonly string[]): string {
  const lines = verdicts.flatMap(paragraph);
  const { total, runs, withKind, wants } = summary;
  lines.push('', `${total} configurations: ${runs} run unchanged`);
  for (const [kind, count] of Object.entries(withKind)) if (count > 0) lines.push(`  ${count} with ${article(kind)}`);
  if (skipped.length > 0) lines.push(`  ${skipped.length} YAML files hold no configuration of a Collector`);
  for (const [kind, list] of Object.entries(wants)) {
    if (list.length === 0) continue;
    lines.push('', `${HEADINGS[kind as Obstacle['kind']]}, by configurations`);
    for (const { subject, configs } of list.slice(0, WANTS_MAX))
      lines.push(`${String(configs).padStart(6)}  ${subject}`);
    if (list.length > WANTS_MAX) lines.push(`        and ${list.length - WANTS_MAX} others`);
  }
  return lines.join('\n');
}

const HEADINGS: Readonly<Record<Obstacle['kind'], string>> = {
  'unknown component': 'Components that are wanted',
  'unsupported key': 'Keys that are wanted',
  error: 'Errors',
};

function paragraph({ name, obstacles, warnings }: Verdict): string[] {
  const verdict = obstacles.length === 0 ? 'runs unchanged' : 'does not run';
  const found = obstacles.map(({ kind, message }) => `  ${kind}: ${message}`);
  return [`${name}: ${verdict}`, ...found, ...warnings.map((warning) => `  note: ${warning}`)];
}

function article(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
