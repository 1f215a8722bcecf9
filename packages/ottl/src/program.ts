import { EMPTY_MAP, Frame, type ClientInfo, type Evaluate } from './compile/frame.ts';
import type { ContextName } from './context/context-name.ts';
import type { Value } from './value/value.ts';

/**
 * What happens when a statement fails for a record: `ignore` tells `onError` and goes on with the next statement, `silent` only
 * goes on, `propagate` throws.
 */
export type ErrorMode = 'ignore' | 'silent' | 'propagate';

export interface Step {
  readonly source: string;
  readonly run: Evaluate<unknown>;
}

interface ErrorHandling {
  readonly errorMode: ErrorMode;
  readonly onError: (error: Error, source: string) => void;
}

interface ProgramParts extends ErrorHandling {
  readonly context: ContextName;
  readonly steps: readonly Step[];
  readonly condition: Evaluate<boolean> | undefined;
  readonly conditionSource: string;
  readonly changesOnlyItself: boolean;
}

/** What is compiled runs on views. Not for use by two loops at a time: it has one frame. */
abstract class Runnable {
  /** What the views have to be: log records, spans, .... */
  readonly context: ContextName;
  protected readonly frame = new Frame();

  constructor(context: ContextName) {
    this.context = context;
  }

  /** What `otelcol.*` shows from now on. */
  set client(client: ClientInfo | null) {
    this.frame.client = client;
  }

  protected place(view: unknown, parent: unknown, index: number): Frame {
    const { frame } = this;
    frame.view = view;
    frame.parent = parent;
    frame.index = index;
    return frame;
  }
}

/** Compiled statements. */
export class Program extends Runnable {
  /**
   * A cache that stays from record to record and from program to program, when they share it: read it here after a run and set it
   * before the next. By default the cache is empty for each record.
   */
  sharesCache = false;
  private readonly parts: ProgramParts;

  constructor(parts: ProgramParts) {
    super(parts.context);
    this.parts = parts;
  }

  /** Whether a run changes nothing but the record that it is for: then the order of runs for different records does not matter. */
  get changesOnlyItself(): boolean {
    return this.parts.changesOnlyItself;
  }

  get cache(): ReadonlyMap<string, Value> {
    return this.frame.cache;
  }
  set cache(cache: ReadonlyMap<string, Value>) {
    this.frame.cache = cache;
  }

  /**
   * Runs all statements, in order, for the record that `view` shows. `parent` is the span of an event or link (with `index` its
   * place in the span), the data point of an exemplar, and the profile of a sample. Throws in the mode `propagate` only.
   */
  run(view: unknown, parent: unknown = null, index = 0): void {
    const frame = this.place(view, parent, index);
    if (!this.sharesCache) frame.cache = EMPTY_MAP;
    const { steps } = this.parts;
    // Begun at the condition, which is before the first step; again behind a step that failed. No record pays for a step's `try`.
    for (let at = -1; at < steps.length; at++) {
      try {
        if (at < 0) {
          const { condition } = this.parts;
          if (condition !== undefined && !condition(frame)) return;
          at = 0;
        }
        for (; at < steps.length; at++) steps[at].run(frame);
      } catch (error) {
        handle(error, this.parts, at < 0 ? this.parts.conditionSource : steps[at].source);
        if (at < 0) return;
      }
    }
  }
}

interface ConditionParts extends ErrorHandling {
  readonly context: ContextName;
  readonly tests: readonly Evaluate<boolean>[];
  readonly sources: readonly string[];
}

/** Compiled conditions, joined by "or". */
export class Condition extends Runnable {
  private readonly parts: ConditionParts;

  constructor(parts: ConditionParts) {
    super(parts.context);
    this.parts = parts;
  }

  /** Whether one of the conditions holds for the record. One that fails counts as false, unless the mode is `propagate`. */
  test(view: unknown, parent: unknown = null, index = 0): boolean {
    const frame = this.place(view, parent, index);
    frame.cache = EMPTY_MAP;
    const { tests } = this.parts;
    for (let at = 0; at < tests.length; at++) {
      try {
        for (; at < tests.length; at++) if (tests[at](frame)) return true;
      } catch (error) {
        handle(error, this.parts, this.parts.sources[at]);
      }
    }
    return false;
  }
}

/** A compiled value. */
export class ValueReader extends Runnable {
  private readonly evaluate: Evaluate<Value>;

  constructor(context: ContextName, evaluate: Evaluate<Value>) {
    super(context);
    this.evaluate = evaluate;
  }

  /** Throws OttlRuntimeError where there is no value. */
  get(view: unknown, parent: unknown = null, index = 0): Value {
    const frame = this.place(view, parent, index);
    frame.cache = EMPTY_MAP;
    return this.evaluate(frame);
  }
}

function handle(error: unknown, { errorMode, onError }: ErrorHandling, source: string): void {
  if (errorMode === 'propagate') throw error;
  if (errorMode === 'ignore') onError(error instanceof Error ? error : new Error(String(error)), source);
}
