import type { OttlFunction } from '../function/define-function.ts';
import { COLLECTIONS } from './collections/collections.ts';
import { CONVERSIONS } from './conversions/conversions.ts';
import { EDITORS } from './editors/editors.ts';
import { HASHES } from './hashes/hashes.ts';
import { PARSERS } from './parsers/parsers.ts';
import { STRINGS } from './strings/strings.ts';
import { TIMES } from './times/times.ts';

/** The functions of pkg/ottl/ottlfuncs: every component that takes statements has them. */
export const STANDARD_FUNCTIONS: readonly OttlFunction[] = [
  ...EDITORS,
  ...COLLECTIONS,
  ...CONVERSIONS,
  ...HASHES,
  ...PARSERS,
  ...STRINGS,
  ...TIMES,
];
