import type { OttlFunction } from '../../function/define-function.ts';
import { concat } from './concat.ts';
import { isMatch } from './is-match.ts';
import { split } from './split.ts';

/** Converters for strings. In alphabetical order. */
export const STRINGS: readonly OttlFunction[] = [concat, isMatch, split];
