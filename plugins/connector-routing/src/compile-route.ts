import type { ConfigFault } from '@millrace/api';
import {
  compileConditions,
  type CompileOptions,
  compileStatements,
  type Condition,
  type ContextName,
  explainError,
  OttlErrors,
  type Program,
} from '@millrace/ottl';
import { CONDITION_FUNCTIONS, notingFunctions, STATEMENT_FUNCTIONS } from './route-functions.ts';
import { CONTEXTS_OF, type RoutedSignal, type RouteSettings } from './routing-settings.ts';

/** What compiled code needs of its surroundings. */
export type RunOptions = Pick<CompileOptions, 'errorMode' | 'onError' | 'now' | 'log'>;

/** A condition or statement of a route, compiled. */
export interface CompiledRoute {
  readonly context: ContextName;
  matches(view: unknown): boolean;
  /** What the statement changes of what matched. */
  readonly edit: Program | undefined;
  /** What compiled code shows of the sender. */
  readonly parts: readonly (Condition | Program)[];
}

/**
 * Compiles a route on data. Without a context it is inferred, and where nothing in the route names one, the route is about
 * the resource. Throws OttlErrors.
 */
export function compileRoute(route: RouteSettings, signal: RoutedSignal, run: RunOptions): CompiledRoute {
  const { context } = route;
  // The sender is the same for all that is in a resource.
  if (context !== undefined) return compileIn(route, context === 'otelcol' ? 'resource' : (context as ContextName));
  try {
    return compileIn(route, undefined);
  } catch (inferred) {
    try {
      return compileIn(route, 'resource');
    } catch (error) {
      throw isAboutContext(inferred) ? error : inferred;
    }
  }

  function compileIn({ condition, statement }: RouteSettings, chosen: ContextName | undefined): CompiledRoute {
    const options = { ...run, context: chosen, candidates: CONTEXTS_OF[signal] };
    if (statement !== undefined) return compileStatement(statement, options);
    const compiled = compileConditions({
      ...options,
      conditions: [condition as string],
      functions: CONDITION_FUNCTIONS,
    });
    return {
      context: compiled.context,
      matches: (view) => compiled.test(view),
      edit: undefined,
      parts: [compiled],
    };
  }
}

function compileStatement(statement: string, options: Omit<CompileOptions, 'functions'>): CompiledRoute {
  const edit = compileStatements({ ...options, statements: [statement], functions: STATEMENT_FUNCTIONS });
  let holds = false;
  const functions = notingFunctions(() => void (holds = true));
  const test = compileStatements({ ...options, statements: [statement], functions });
  return {
    context: edit.context,
    matches(view) {
      holds = false;
      test.run(view);
      return holds;
    },
    edit: /^\s*route\s*\(/.test(statement) ? undefined : edit,
    parts: [edit, test],
  };
}

function isAboutContext(error: unknown): boolean {
  return error instanceof OttlErrors && error.errors.some(({ code }) => code === 'CONTEXT');
}

/** What is wrong with the condition or statement of a route, if anything. */
export function routeFaults(route: RouteSettings, signal: RoutedSignal, path: ConfigFault['path']): ConfigFault[] {
  const place = [...path, route.statement === undefined ? 'condition' : 'statement'];
  try {
    compileRoute(route, signal, {});
    return [];
  } catch (error) {
    if (!(error instanceof OttlErrors)) throw error;
    return error.errors.map((each) => ({ path: place, ...explainError(each) }));
  }
}
