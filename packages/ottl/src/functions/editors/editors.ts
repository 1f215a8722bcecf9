import type { OttlFunction } from '../../function/define-function.ts';
import { deleteKey } from './delete-key.ts';
import { keepKeys } from './keep-keys.ts';
import { replacePattern } from './replace-pattern.ts';
import { set } from './set.ts';

/** The editors of pkg/ottl/ottlfuncs. In alphabetical order. */
export const EDITORS: readonly OttlFunction[] = [deleteKey, keepKeys, replacePattern, set];
