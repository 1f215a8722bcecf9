import { randomBytes } from 'node:crypto';
import { compileCondition as conditionOf, anyOf } from './compile/compile-condition.ts';
import { changesOnlyItself } from './compile/changes-only-itself.ts';
import { compileEditor } from './compile/compile-call.ts';
import { compileValue as valueOf } from './compile/compile-value.ts';
import type { Evaluate } from './compile/frame.ts';
import { attempt, type Scope } from './compile/scope.ts';
import { CONTEXT_NAMES, type ContextName } from './context/context-name.ts';
import { CONTEXTS } from './context/contexts.ts';
import { inferContext } from './context/infer-context.ts';
import type { FunctionEnvironment, FunctionRegistry } from './function/define-function.ts';
import { OttlError, OttlErrors } from './ottl-error.ts';
import { parseConditionText, parseStatement, parseValueText } from './parse/parser.ts';
import type { Expression, StatementNode } from './parse/syntax-tree.ts';
import { Condition, Program, ValueReader, type ErrorMode, type Step } from './program.ts';
import type { Value } from './value/value.ts';

export interface CompileOptions {
  /** What the statements are about; inferred from their paths when left out. With a context, paths need not name it. */
  readonly context?: ContextName | undefined;
  /** The contexts that may be inferred, for instance those of one signal; default: all. */
  readonly candidates?: readonly ContextName[];
  readonly functions: FunctionRegistry;
  /** Default: propagate, as in the Collector. */
  readonly errorMode?: ErrorMode;
  /** Told of each error that is ignored, unless the mode is silent. Called in the hot path: count and sample. */
  readonly onError?: (error: Error, source: string) => void;
  /** Nanoseconds since 1970; default: the system's clock. */
  readonly now?: () => bigint;
  readonly randomBytes?: (count: number) => Uint8Array;
  /** For functions that write to the log; default: nowhere. */
  readonly log?: FunctionEnvironment['log'];
}

export interface StatementsOptions extends CompileOptions {
  readonly statements: readonly string[];
  /** The statements run where one of these holds; default: everywhere. They count for the inference, too. */
  readonly conditions?: readonly string[];
}

/** Compiles statements that belong together. Throws OttlErrors with everything that is wrong with any of them. */
export function compileStatements(options: StatementsOptions): Program {
  const conditionTexts = options.conditions ?? [];
  const unit = new Unit(options);
  const statements = options.statements.map((source, i) => unit.parse(source, i, parseStatement));
  const conditions = conditionTexts.map((source, i) =>
    unit.parse(source, options.statements.length + i, parseConditionText),
  );
  const context = unit.settle();
  const steps = statements.map((node, i) => unit.within(node, i, (scope) => compileStep(node, scope)));
  const tests = conditions.map((node, i) =>
    unit.within(node, options.statements.length + i, (scope) => conditionOf(node, scope)),
  );
  unit.finish();
  const condition = tests.length === 0 ? undefined : anyOf(tests);
  return new Program({
    context,
    steps,
    condition,
    conditionSource: conditionTexts.join(' or '),
    changesOnlyItself: changesOnlyItself(statements, CONTEXTS[context]),
    ...modeOf(options),
  });
}

export interface ConditionOptions extends CompileOptions {
  /** The condition holds when one of these does. */
  readonly conditions: readonly string[];
}

/** Compiles conditions that are joined by "or". Throws OttlErrors. */
export function compileConditions(options: ConditionOptions): Condition {
  const unit = new Unit(options);
  const nodes = options.conditions.map((source, i) => unit.parse(source, i, parseConditionText));
  const context = unit.settle();
  const tests = nodes.map((node, i) => unit.within(node, i, (scope) => conditionOf(node, scope)));
  unit.finish();
  return new Condition({ context, tests, sources: options.conditions, ...modeOf(options) });
}

export interface ValueOptions extends CompileOptions {
  readonly value: string;
}

/** Compiles a value. Throws OttlErrors. */
export function compileValue(options: ValueOptions): ValueReader {
  const unit = new Unit(options);
  const node = unit.parse(options.value, 0, parseValueText);
  const context = unit.settle();
  const get = unit.within(node, 0, (scope) =>
    attempt<Evaluate<Value>>(
      scope,
      () => valueOf(node, scope).get,
      () => null,
    ),
  );
  unit.finish();
  return new ValueReader(context, get);
}

function modeOf(options: CompileOptions) {
  return { errorMode: options.errorMode ?? 'propagate', onError: options.onError ?? ignore } as const;
}

const ignore = (): void => undefined;

function compileStep(node: StatementNode, scope: Scope): Step {
  const edit = attempt<Evaluate<unknown>>(scope, () => compileEditor(node.editor, scope), ignore);
  const where = node.where === undefined ? undefined : conditionOf(node.where, scope);
  return { source: scope.source, run: where === undefined ? edit : (frame) => where(frame) && edit(frame) };
}

const MISSING: Expression = { type: 'literal', value: false, start: 0, end: 0 };

/** Texts that are compiled together: their mistakes are collected, and one context is found for all of them. */
class Unit {
  private readonly options: CompileOptions;
  private readonly errors: OttlError[] = [];
  private readonly sources: string[] = [];
  private readonly nodes: (StatementNode | Expression)[] = [];
  private readonly broken = new Set<StatementNode | Expression>();
  private context: ContextName | undefined;

  constructor(options: CompileOptions) {
    this.options = options;
    this.context = options.context;
  }

  parse<N extends StatementNode | Expression>(source: string, index: number, parse: (source: string) => N): N {
    this.sources[index] = source;
    let node: N;
    try {
      node = parse(source);
      this.nodes.push(node);
    } catch (error) {
      if (!(error instanceof OttlError)) throw error;
      this.note(error, index);
      node = { ...MISSING } as unknown as N;
      this.broken.add(node);
    }
    return node;
  }

  /** The context, once everything is parsed. Without one nothing can be compiled: throws what is wrong so far. */
  settle(): ContextName {
    const { functions, candidates = CONTEXT_NAMES } = this.options;
    if (this.context === undefined) {
      try {
        this.context = inferContext({ sources: this.sources, nodes: this.nodes, registry: functions, candidates });
      } catch (error) {
        if (!(error instanceof OttlError)) throw error;
        if (this.broken.size === 0) this.errors.push(error);
        throw new OttlErrors(this.errors);
      }
    }
    return this.context;
  }

  within<T>(node: StatementNode | Expression, index: number, compile: (scope: Scope) => T): T {
    const scope = this.scope(this.sources[index]);
    if (this.broken.has(node)) return (() => false) as T;
    const result = compile(scope);
    for (const error of scope.errors) this.note(error, index);
    return result;
  }

  finish(): void {
    if (this.errors.length > 0)
      throw new OttlErrors(
        this.errors.sort((a, b) => a.statement - b.statement || a.position.offset - b.position.offset),
      );
  }

  private note(error: OttlError, index: number): void {
    error.statement = index;
    this.errors.push(error);
  }

  private scope(source: string): Scope {
    const { options } = this;
    const context = this.context!;
    return {
      source,
      context: CONTEXTS[context],
      allowsBarePaths: options.context !== undefined,
      registry: options.functions,
      environment: {
        context,
        now: options.now ?? systemNow,
        randomBytes: options.randomBytes ?? systemRandom,
        log: options.log ?? ignore,
      },
      locals: new Map(),
      localCount: 0,
      compile: valueOf,
      compileCondition: conditionOf,
      errors: [],
    };
  }
}

const START = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();

/** The system's clock in nanoseconds; it does not follow when the clock is set. */
function systemNow(): bigint {
  return START + process.hrtime.bigint();
}

function systemRandom(count: number): Uint8Array {
  return Uint8Array.from(randomBytes(count));
}
