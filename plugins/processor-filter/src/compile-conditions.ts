import { type ConfigFault, permanent, type StepTools } from '@millrace/api';
import {
  compileConditions,
  type Condition,
  explainError,
  type FailureLog,
  functionRegistry,
  OttlErrors,
  STANDARD_FUNCTIONS,
} from '@millrace/ottl';
import {
  type ConditionGroup,
  conditionGroups,
  conflicts,
  type FilteredSignal,
  isMixed,
  type Level,
  LEVELS,
} from './condition-groups.ts';
import { DATA_POINT_FUNCTIONS } from './data-point-functions.ts';
import type { FilterSettings } from './filter-settings.ts';

const CONVERTERS = STANDARD_FUNCTIONS.filter(({ kind }) => kind === 'converter');
const STANDARD = functionRegistry(CONVERTERS);
const FUNCTIONS = {
  logs: STANDARD,
  traces: STANDARD,
  metrics: functionRegistry(CONVERTERS, DATA_POINT_FUNCTIONS),
  profiles: STANDARD,
} as const;

/** One walk over a batch: the conditions of each level, joined by "or". */
export type Pass<S extends FilteredSignal> = Readonly<Record<Level<S>, readonly Condition[]>>;

/**
 * Groups apply one after the other. Those whose levels only descend share a pass: what a group drops further out, later ones
 * would not see anyway. One that goes up again begins a new pass, as it may look at what is left below.
 */
export function compilePasses<S extends FilteredSignal>(
  settings: FilterSettings,
  signal: S,
  failures: FailureLog,
  tools: StepTools,
): Pass<S>[] {
  const levels: readonly Level[] = LEVELS[signal];
  const passes: Record<Level<S>, Condition[]>[] = [];
  let depth = levels.length;
  for (const group of conditionGroups(settings, signal)) {
    for (const part of byLevel(group, signal)) {
      const condition = compileConditions({
        ...optionsOf(part, signal),
        ...failures.handling(group.errorMode, refusal),
        now: () => tools.nowUnixNano(),
        log: (message, fields) => tools.logger.info(message, fields),
      });
      const level = condition.context as Level<S>;
      if (levels.indexOf(level) < depth)
        passes.push(Object.fromEntries(levels.map((each) => [each, []])) as unknown as Record<Level<S>, Condition[]>);
      depth = levels.indexOf(level);
      passes.at(-1)![level].push(condition);
    }
  }
  return passes;
}

/** The parts of a group that share a context, outermost first: without a name for it, each condition has its own. */
function byLevel(group: ConditionGroup, signal: FilteredSignal): ConditionGroup[] {
  const { context, conditions } = group;
  if (conditions.length === 0) return [];
  if (context !== undefined) return [group];
  const inferred = conditions.map(
    (condition) => compileConditions(optionsOf({ ...group, conditions: [condition] }, signal)).context,
  );
  return LEVELS[signal]
    .map((level) => ({ ...group, context: level, conditions: conditions.filter((_, i) => inferred[i] === level) }))
    .filter((part) => part.conditions.length > 0);
}

function optionsOf({ context, conditions }: ConditionGroup, signal: FilteredSignal) {
  return { context, conditions, candidates: LEVELS[signal], functions: FUNCTIONS[signal] };
}

function refusal(error: Error, source: string): Error {
  return permanent(`the OTTL condition ${source} failed: ${error.message}`, { code: 'OTTL_FAILED', cause: error });
}

/** Whether one of the conditions holds. */
export function holds(conditions: readonly Condition[], view: unknown, parent: unknown = null, index = 0): boolean {
  for (let i = 0; i < conditions.length; i++) if (conditions[i].test(view, parent, index)) return true;
  return false;
}

/** Everything that is wrong with the conditions, each at its place in the configuration. */
export function checkConditions(settings: FilterSettings): ConfigFault[] {
  return (Object.keys(LEVELS) as FilteredSignal[]).flatMap((signal) => [
    ...conflicts(settings, signal).map(({ path, with: other }) => ({
      path,
      message: `cannot be used together with ${other}`,
      remedy: 'use one of them, or two filters, one after the other',
    })),
    ...(isMixed(settings, signal) ? [mixed(conditionGroups(settings, signal)[0].path.slice(0, 1))] : []),
    ...conditionGroups(settings, signal).flatMap((group) => faultsOf(group, signal)),
  ]);
}

function mixed(path: ConfigFault['path']): ConfigFault {
  return {
    path,
    message: 'conditions and groups of conditions stand in one list',
    remedy: 'put the conditions into a group, too: - conditions: [...]',
  };
}

function faultsOf(group: ConditionGroup, signal: FilteredSignal): ConfigFault[] {
  return group.conditions.flatMap((condition, index) => {
    try {
      compileConditions(optionsOf({ ...group, conditions: [condition] }, signal));
      return [];
    } catch (error) {
      if (!(error instanceof OttlErrors)) throw error;
      return error.errors.map((each) => ({ path: group.conditionPath(index), ...explainError(each) }));
    }
  });
}
