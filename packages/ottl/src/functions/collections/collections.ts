import type { OttlFunction } from '../../function/define-function.ts';
import { len } from './len.ts';

/** Converters for lists and maps, with and without lambdas. In alphabetical order. */
export const COLLECTIONS: readonly OttlFunction[] = [len];
