export { ConfigErrors, formatProblems, type FormatSettings } from './config-errors.ts';
export { formatDuration, parseDuration } from './duration.ts';
export { jsonSchema } from './json-schema.ts';
export { loadConfig, loadConfigObject, type LoadedConfig, type LoadSettings } from './load-config.ts';
export type { SourceSettings } from './load-tree.ts';
export { didYouMean } from './nearest.ts';
export { printConfig, type PrintSettings } from './print-config.ts';
export type { ConfigProblem } from './problems.ts';
export type * from './resolved-config.ts';
