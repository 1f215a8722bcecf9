import type { OttlFunction } from '../../function/define-function.ts';
import { concat } from './concat.ts';
import { convertCase } from './convert-case.ts';
import { format } from './format.ts';
import { hasPrefix } from './has-prefix.ts';
import { hasSuffix } from './has-suffix.ts';
import { index } from './index-of.ts';
import { isMatch } from './is-match.ts';
import { split } from './split.ts';
import { substring } from './substring.ts';
import { toCamelCase } from './to-camel-case.ts';
import { toLowerCase } from './to-lower-case.ts';
import { toSnakeCase } from './to-snake-case.ts';
import { toUpperCase } from './to-upper-case.ts';
import { trim } from './trim.ts';
import { trimPrefix } from './trim-prefix.ts';
import { trimSuffix } from './trim-suffix.ts';

/** Converters for strings. In alphabetical order. */
export const STRINGS: readonly OttlFunction[] = [
  concat,
  convertCase,
  format,
  hasPrefix,
  hasSuffix,
  index,
  isMatch,
  split,
  substring,
  toCamelCase,
  toLowerCase,
  toSnakeCase,
  toUpperCase,
  trim,
  trimPrefix,
  trimSuffix,
];
