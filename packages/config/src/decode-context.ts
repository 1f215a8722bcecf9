import type { ConstraintChecker } from './constraints.ts';
import type { Path } from './node.ts';
import type { Problems } from './problems.ts';
import type { Origin } from './source.ts';

/** A setting that names another component. Whether it exists is checked once everything is decoded. */
export interface ComponentReference {
  readonly kind: string;
  readonly id: string;
  readonly origin: Origin;
  readonly path: Path;
}

/** What decoding one configuration gathers and needs. */
export interface DecodeContext {
  readonly problems: Problems;
  readonly constraints: ConstraintChecker;
  readonly references: ComponentReference[];
  /** Every decoded secret, so that logs and prints can leave them out. */
  readonly secrets: Set<string>;
}
