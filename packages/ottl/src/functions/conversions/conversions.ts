import type { OttlFunction } from '../../function/define-function.ts';
import { double } from './double.ts';
import { int } from './int.ts';

/** Converters from one type to another, and questions about types. In alphabetical order. */
export const CONVERSIONS: readonly OttlFunction[] = [double, int];
