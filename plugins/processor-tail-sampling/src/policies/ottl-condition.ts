import {
  compileConditions,
  type Condition,
  type ErrorMode,
  functionRegistry,
  STANDARD_FUNCTIONS,
} from '@millrace/ottl';
import type { SpanView } from '@millrace/otlp';
import type { Decision } from '../decision.ts';
import type { Policy, Watcher } from './policy.ts';

const FUNCTIONS = functionRegistry(STANDARD_FUNCTIONS.filter(({ kind }) => kind === 'converter'));

export interface OttlConditionSettings {
  readonly error_mode: ErrorMode;
  readonly span: readonly string[];
  readonly spanevent: readonly string[];
}

export interface OttlEnvironment {
  /** Nanoseconds since 1970. */
  readonly now: () => bigint;
  readonly onError: (error: Error, source: string) => void;
  readonly log: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
}

/** Samples traces with a span, or an event of one, for which a condition in OTTL holds. */
export class OttlCondition implements Policy, Watcher {
  readonly watchers = [this];
  readonly isStateful = false;
  readonly #span: Condition | undefined;
  readonly #spanEvent: Condition | undefined;
  #state: Decision = 'not_sampled';

  constructor(settings: OttlConditionSettings, environment: OttlEnvironment) {
    this.#span = compileOn('span', settings, environment);
    this.#spanEvent = compileOn('spanevent', settings, environment);
  }

  begin(): void {
    this.#state = 'not_sampled';
  }

  seesResource(): boolean {
    return false;
  }

  seesSpan(span: SpanView): boolean {
    try {
      if (this.#holds(span)) this.#state = 'sampled';
    } catch {
      // Conditions throw in the mode `propagate` only: the policy takes no part in the decision.
      this.#state = 'error';
    }
    return this.#state !== 'not_sampled';
  }

  decide(): Decision {
    return this.#state;
  }

  #holds(span: SpanView): boolean {
    if (this.#span?.test(span) === true) return true;
    if (this.#spanEvent === undefined) return false;
    let index = 0;
    for (const event of span.events) if (this.#spanEvent.test(event, span, index++)) return true;
    return false;
  }
}

/** Undefined where there are no conditions. @throws OttlErrors */
export function compileOn(
  context: 'span' | 'spanevent',
  settings: OttlConditionSettings,
  environment?: OttlEnvironment,
): Condition | undefined {
  const conditions = settings[context];
  if (conditions.length === 0) return undefined;
  const { error_mode: errorMode } = settings;
  return compileConditions({ context, conditions, errorMode, functions: FUNCTIONS, ...environment });
}
