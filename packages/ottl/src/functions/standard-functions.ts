import type { OttlFunction } from '../function/define-function.ts';
import { COLLECTIONS } from './collections/collections.ts';
import { CONVERSIONS } from './conversions/conversions.ts';
import { EDITORS } from './editors/editors.ts';
import { ENCODINGS } from './encodings/encodings.ts';
import { HASHES } from './hashes/hashes.ts';
import { IDS } from './ids/ids.ts';
import { MATH } from './math/math.ts';
import { NETWORK } from './network/network.ts';
import { PARSERS } from './parsers/parsers.ts';
import { STRINGS } from './strings/strings.ts';
import { TIMES } from './times/times.ts';

/** The functions of pkg/ottl/ottlfuncs: every component that takes statements has them. */
export const STANDARD_FUNCTIONS: readonly OttlFunction[] = [
  ...EDITORS,
  ...COLLECTIONS,
  ...CONVERSIONS,
  ...ENCODINGS,
  ...HASHES,
  ...IDS,
  ...MATH,
  ...NETWORK,
  ...PARSERS,
  ...STRINGS,
  ...TIMES,
];
