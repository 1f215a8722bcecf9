import type { Kind, Signal } from '@millrace/api';

/** What the parent asks of a child process. */
export interface ChildTask {
  readonly url: string;
  readonly kind: Kind;
  readonly type: string;
  readonly cases: readonly ChildCase[];
}

/** One config to start and stop. */
export interface ChildCase {
  readonly label: string;
  readonly config: unknown;
  readonly signals: readonly Signal[];
  /** Ids of the pipelines that receive from a connector. */
  readonly receiving: readonly string[];
  /** `may-fail`: an example, which may need what this machine does not have. */
  readonly start: 'works' | 'may-fail' | 'fails';
}

export type ScenarioName =
  'shutdown-without-start' | 'start-and-shutdown' | 'shutdown-twice' | 'shutdown-during-work' | 'failing-start';

/** What went wrong; nothing where a list is empty. */
export interface ChildResult {
  readonly atImport: readonly string[];
  readonly scenarios: readonly {
    readonly label: string;
    readonly scenario: ScenarioName;
    readonly problems: readonly string[];
  }[];
}
