import type { OttlFunction } from '../../function/define-function.ts';
import { now } from './now.ts';

/** Converters for times and durations. In alphabetical order. */
export const TIMES: readonly OttlFunction[] = [now];
