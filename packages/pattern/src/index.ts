export { compilePattern, PatternError, type Pattern, type PatternMatch } from './compile-pattern.ts';
