import type { OttlFunction } from '../../function/define-function.ts';
import { parseCef } from './parse-cef.ts';
import { parseClf } from './parse-clf.ts';
import { parseElf } from './parse-elf.ts';
import { parseLeef } from './parse-leef.ts';

/** What the transform processor has for logs beside the standard functions. In alphabetical order. */
export const LOG_FUNCTIONS: readonly OttlFunction[] = [parseCef, parseClf, parseElf, parseLeef];
