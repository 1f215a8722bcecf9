import type { OttlFunction } from '../../function/define-function.ts';
import { bool } from './bool.ts';
import { double } from './double.ts';
import { int } from './int.ts';
import { isBool } from './is-bool.ts';
import { isDouble } from './is-double.ts';
import { isEmpty } from './is-empty.ts';
import { isInt } from './is-int.ts';
import { isList } from './is-list.ts';
import { isMap } from './is-map.ts';
import { isRootSpan } from './is-root-span.ts';
import { isString } from './is-string.ts';
import { isValidLuhn } from './is-valid-luhn.ts';
import { parseInt } from './parse-int.ts';
import { string } from './string.ts';

/** Converters from one type to another, and questions about types. In alphabetical order. */
export const CONVERSIONS: readonly OttlFunction[] = [
  bool,
  double,
  int,
  isBool,
  isDouble,
  isEmpty,
  isInt,
  isList,
  isMap,
  isRootSpan,
  isString,
  isValidLuhn,
  parseInt,
  string,
];
