import { type ConfigFault, permanent, type StepTools } from '@millrace/api';
import {
  compileStatements,
  explainError,
  type FailureLog,
  type FunctionRegistry,
  functionRegistry,
  LOG_FUNCTIONS,
  METRIC_FUNCTIONS,
  OttlErrors,
  type Program,
  SPAN_FUNCTIONS,
  STANDARD_FUNCTIONS,
} from '@millrace/ottl';
import {
  CONTEXTS_OF,
  groupsOf,
  hasGroupBehindStatement,
  type PlacedGroup,
  type StatementsKey,
  type TransformSettings,
} from './transform-settings.ts';

const FUNCTIONS_OF: Readonly<Record<StatementsKey, FunctionRegistry>> = {
  trace_statements: functionRegistry(STANDARD_FUNCTIONS, SPAN_FUNCTIONS),
  metric_statements: functionRegistry(STANDARD_FUNCTIONS, METRIC_FUNCTIONS),
  log_statements: functionRegistry(STANDARD_FUNCTIONS, LOG_FUNCTIONS),
  profile_statements: functionRegistry(STANDARD_FUNCTIONS),
};

/** Compiles the groups of a list, in order, for use. */
export function compileGroups(
  settings: TransformSettings,
  key: StatementsKey,
  failures: FailureLog,
  tools: StepTools,
): Program[] {
  return groupsOf(settings, key)
    .filter(({ group }) => group.statements.length > 0)
    .map(({ group }) => {
      const program = compileStatements({
        ...optionsOf(group, key),
        ...failures.handling(group.error_mode ?? settings.error_mode, refusal),
        now: () => tools.nowUnixNano(),
        log: (message, fields) => tools.logger.info(message, fields),
      });
      program.sharesCache = group.shared_cache === true;
      return program;
    });
}

function optionsOf({ context, statements, conditions }: PlacedGroup['group'], key: StatementsKey) {
  return {
    context,
    statements,
    conditions,
    candidates: CONTEXTS_OF[key],
    functions: FUNCTIONS_OF[key],
  };
}

function refusal(error: Error, source: string): Error {
  return permanent(`the OTTL statement ${source} failed: ${error.message}`, { code: 'OTTL_FAILED', cause: error });
}

/** Everything that is wrong with the statements, each at its place in the configuration. */
export function checkStatements(settings: TransformSettings): ConfigFault[] {
  const faults = (Object.keys(CONTEXTS_OF) as StatementsKey[]).flatMap((key) => [
    ...(hasGroupBehindStatement(settings, key) ? [outOfOrder(key)] : []),
    ...groupsOf(settings, key).flatMap((placed) => faultsOf(placed, key)),
  ]);
  if (settings.flatten_data === true) {
    const remedy = 'move what differs to the resource with groupbyattrs';
    faults.push({ path: ['flatten_data'], message: 'flatten_data is not supported', remedy });
  }
  return faults;
}

function outOfOrder(key: StatementsKey): ConfigFault {
  return {
    path: [key],
    message: 'a group of statements stands behind statements without a group',
    remedy: 'put those into a group, too: - statements: [...]',
  };
}

function faultsOf({ group, path, statementPath }: PlacedGroup, key: StatementsKey): ConfigFault[] {
  if (group.statements.length === 0) return [];
  try {
    compileStatements(optionsOf(group, key));
    return [];
  } catch (error) {
    if (!(error instanceof OttlErrors)) throw error;
    return error.errors.map((each) => ({ path: placeOf(each.statement), ...explainError(each) }));
  }

  /** Statements come first, then conditions; -1 is all of them. */
  function placeOf(index: number) {
    if (index < 0) return path;
    const count = group.statements.length;
    return index < count ? statementPath(index) : [...path, 'conditions', index - count];
  }
}
