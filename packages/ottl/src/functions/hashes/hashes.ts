import type { OttlFunction } from '../../function/define-function.ts';
import { sha256 } from './sha256.ts';

/** Digests, encodings and ids. In alphabetical order. */
export const HASHES: readonly OttlFunction[] = [sha256];
