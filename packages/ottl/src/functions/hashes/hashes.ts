import type { OttlFunction } from '../../function/define-function.ts';
import { fnv } from './fnv.ts';
import { md5 } from './md5.ts';
import { murmur3Hash } from './murmur3-hash.ts';
import { murmur3Hash128 } from './murmur3-hash128.ts';
import { sha1 } from './sha1.ts';
import { sha256 } from './sha256.ts';
import { sha512 } from './sha512.ts';
import { xxh128 } from './xxh128.ts';
import { xxh3 } from './xxh3.ts';

/** Digests. In alphabetical order. */
export const HASHES: readonly OttlFunction[] = [
  fnv,
  md5,
  murmur3Hash,
  murmur3Hash128,
  sha1,
  sha256,
  sha512,
  xxh128,
  xxh3,
];
