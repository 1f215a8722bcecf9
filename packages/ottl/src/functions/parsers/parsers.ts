import type { OttlFunction } from '../../function/define-function.ts';
import { parseJson } from './parse-json.ts';

/** Parsers of formats. In alphabetical order. */
export const PARSERS: readonly OttlFunction[] = [parseJson];
