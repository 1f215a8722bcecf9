import type { Obstacle, Verdict } from './check-config.ts';

/** How often something is wanted, by the number of configurations that want it. */
export interface Want {
  readonly subject: string;
  readonly configs: number;
}

export interface Summary {
  readonly total: number;
  /** Run unchanged. */
  readonly runs: number;
  /** Configurations with at least one obstacle of the kind; one can have several. */
  readonly withKind: Readonly<Record<Obstacle['kind'], number>>;
  /** Most wanted first. */
  readonly wants: Readonly<Record<Obstacle['kind'], readonly Want[]>>;
}

const KINDS = ['unknown component', 'unsupported key', 'error'] as const;

export function summarise(verdicts: readonly Verdict[]): Summary {
  const perKind = <T>(of: (kind: Obstacle['kind']) => T) =>
    Object.fromEntries(KINDS.map((kind) => [kind, of(kind)])) as Record<Obstacle['kind'], T>;
  return {
    total: verdicts.length,
    runs: verdicts.filter(({ obstacles }) => obstacles.length === 0).length,
    withKind: perKind((kind) => verdicts.filter((verdict) => subjectsOf(verdict, kind).size > 0).length),
    wants: perKind((kind) => wantsOf(verdicts, kind)),
  };
}

function wantsOf(verdicts: readonly Verdict[], kind: Obstacle['kind']): Want[] {
  const counts = new Map<string, number>();
  for (const verdict of verdicts) {
    for (const subject of subjectsOf(verdict, kind)) counts.set(subject, (counts.get(subject) ?? 0) + 1);
  }
  const wants = [...counts].map(([subject, configs]) => ({ subject, configs }));
  return wants.toSorted((a, b) => b.configs - a.configs || a.subject.localeCompare(b.subject));
}

function subjectsOf({ obstacles }: Verdict, kind: Obstacle['kind']): ReadonlySet<string> {
  return new Set(obstacles.filter((obstacle) => obstacle.kind === kind).map(({ subject }) => subject));
}
