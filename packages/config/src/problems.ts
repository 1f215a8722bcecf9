import { formatPath, type Path } from './node.ts';
import { locationOf, type Origin } from './source.ts';

/** One thing that is wrong (or doubtful) in a configuration. */
export interface ConfigProblem {
  /** Stable, upper-case identifier. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** `file:line:col`. */
  readonly location: string;
  /** The setting: `receivers.otlp.protocols`. Empty where the whole source is meant. */
  readonly where: string;
  /** What is wrong, with the value that is. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string | undefined;
  readonly origin: Origin;
}

/** What a check says about a place. */
export interface Finding {
  readonly code: string;
  readonly origin: Origin;
  readonly path?: Path;
  readonly message: string;
  readonly remedy?: string | undefined;
}

/** Gathers what all checks find, so that one run shows everything. */
export class Problems {
  readonly #found: ConfigProblem[] = [];

  error(finding: Finding): void {
    this.#add('error', finding);
  }

  warn(finding: Finding): void {
    this.#add('warning', finding);
  }

  get count(): number {
    return this.#found.length;
  }

  /** Whether something with this code was found so far. */
  has(code: string): boolean {
    return this.#found.some((problem) => problem.code === code);
  }

  /** Number of errors so far. */
  get errorCount(): number {
    return this.#found.filter((problem) => problem.severity === 'error').length;
  }

  /** By position: sources in the order in which they were read, then by place. */
  list(severity: 'error' | 'warning'): ConfigProblem[] {
    return this.#found
      .filter((problem) => problem.severity === severity)
      .sort((a, b) => a.origin.source.order - b.origin.source.order || a.origin.offset - b.origin.offset);
  }

  #add(severity: 'error' | 'warning', finding: Finding): void {
    const { code, origin, remedy } = finding;
    const location = locationOf(origin);
    const message = origin.via === undefined ? finding.message : `${finding.message} (from ${origin.via})`;
    // A value that several places share through an anchor would be reported once for each of them.
    if (this.#found.some((p) => p.location === location && p.message === message && p.code === code)) return;
    this.#found.push({ code, severity, location, where: formatPath(finding.path ?? []), message, remedy, origin });
  }
}
