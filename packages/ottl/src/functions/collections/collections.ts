import type { OttlFunction } from '../../function/define-function.ts';
import { all } from './all.ts';
import { any } from './any.ts';
import { coalesce } from './coalesce.ts';
import { containsValue } from './contains-value.ts';
import { filter } from './filter.ts';
import { find } from './find.ts';
import { keys } from './keys.ts';
import { len } from './len.ts';
import { mapEach } from './map-each.ts';
import { mapKeys } from './map-keys.ts';
import { reduce } from './reduce.ts';
import { sliceToMap } from './slice-to-map.ts';
import { sort } from './sort.ts';
import { values } from './values.ts';
import { when } from './when.ts';

/** Converters for lists and maps, with and without lambdas. In alphabetical order. */
export const COLLECTIONS: readonly OttlFunction[] = [
  all,
  any,
  coalesce,
  containsValue,
  filter,
  find,
  keys,
  len,
  mapEach,
  mapKeys,
  reduce,
  sliceToMap,
  sort,
  values,
  when,
];
