import type { OttlFunction } from '../../function/define-function.ts';
import { setSemconvSpanName } from './set-semconv-span-name.ts';

/** What the transform processor has for spans beside the standard functions. */
export const SPAN_FUNCTIONS: readonly OttlFunction[] = [setSemconvSpanName];
