import type { OttlFunction } from '../../function/define-function.ts';
import { append } from './append.ts';
import { clear } from './clear.ts';
import { deleteIndex } from './delete-index.ts';
import { deleteKey } from './delete-key.ts';
import { deleteMatchingKeys } from './delete-matching-keys.ts';
import { flatten } from './flatten.ts';
import { keepKeys } from './keep-keys.ts';
import { keepMatchingKeys } from './keep-matching-keys.ts';
import { limit } from './limit.ts';
import { mergeMaps } from './merge-maps.ts';
import { replaceAllMatches } from './replace-all-matches.ts';
import { replaceAllPatterns } from './replace-all-patterns.ts';
import { replaceMatch } from './replace-match.ts';
import { replacePattern } from './replace-pattern.ts';
import { sanitizeUtf8 } from './sanitize-utf8.ts';
import { set } from './set.ts';
import { stringifyAll } from './stringify-all.ts';
import { truncateAll } from './truncate-all.ts';

/** The editors of pkg/ottl/ottlfuncs. In alphabetical order. */
export const EDITORS: readonly OttlFunction[] = [
  append,
  clear,
  deleteIndex,
  deleteKey,
  deleteMatchingKeys,
  flatten,
  keepKeys,
  keepMatchingKeys,
  limit,
  mergeMaps,
  replaceAllMatches,
  replaceAllPatterns,
  replaceMatch,
  replacePattern,
  sanitizeUtf8,
  set,
  stringifyAll,
  truncateAll,
];
