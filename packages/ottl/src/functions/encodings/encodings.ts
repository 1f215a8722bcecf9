import type { OttlFunction } from '../../function/define-function.ts';
import { base64Decode } from './base64-decode.ts';
import { base64Encode } from './base64-encode.ts';
import { decode } from './decode.ts';
import { hex } from './hex.ts';

/** Converters from and to encodings. In alphabetical order. */
export const ENCODINGS: readonly OttlFunction[] = [base64Decode, base64Encode, decode, hex];
