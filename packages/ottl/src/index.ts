export {
  compileConditions,
  compileStatements,
  compileValue,
  type CompileOptions,
  type ConditionOptions,
  type StatementsOptions,
  type ValueOptions,
} from './compile-statements.ts';
export { explainError } from './explain-error.ts';
export { FailureLog, type FailureLogOptions } from './failure-log.ts';
export { Condition, Program, ValueReader, type ErrorMode } from './program.ts';
export type { ClientInfo, Evaluate, Frame } from './compile/frame.ts';
export { CONTEXT_NAMES, type ContextName } from './context/context-name.ts';
export { OttlError, OttlErrors, OttlRuntimeError, type OttlErrorCode, type Position } from './ottl-error.ts';
export {
  defineFunction,
  functionRegistry,
  type FunctionDefinition,
  type FunctionEnvironment,
  type FunctionRegistry,
  type OttlFunction,
} from './function/define-function.ts';
export { signatureOf } from './compile/compile-call.ts';
export type { Example, Telemetry } from './function/example.ts';
export { constantGetter, derived, makeGetter, type Getter } from './function/getter.ts';
export type { MapEditor } from './function/map-editor.ts';
export type { ArgumentSource, FunctionArgument, LambdaArgument, Parameter, Parameters } from './function/parameter.ts';
export * as parameters from './function/parameters.ts';
export type { ListTarget, MapTarget, PathTarget } from './function/parameters.ts';
export { LOG_FUNCTIONS } from './functions/logs/log-functions.ts';
export { METRIC_FUNCTIONS } from './functions/metrics/metric-functions.ts';
export { SPAN_FUNCTIONS } from './functions/spans/span-functions.ts';
export { STANDARD_FUNCTIONS } from './functions/standard-functions.ts';
export { Id, type IdKind } from './value/id.ts';
export { Duration, Time } from './value/time.ts';
export { typeName, typeOf, type Value, type ValueMap, type ValueType } from './value/value.ts';
