import type { OttlFunction } from '../../function/define-function.ts';
import { log } from './log.ts';

/** Converters of numbers. In alphabetical order. */
export const MATH: readonly OttlFunction[] = [log];
