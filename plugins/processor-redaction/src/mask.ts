import { createHmac, hash } from 'node:crypto';

/** What stands where something was. */
export type Mask = (text: string) => string;

interface HashFunction {
  /** 0 for those without a key. */
  readonly keyBytesMin: number;
  readonly make: (key: string) => Mask;
}

const plain = (algorithm: string): HashFunction => ({
  keyBytesMin: 0,
  make: () => (text) => hash(algorithm, text, 'hex'),
});

const keyed = (algorithm: string, keyBytesMin: number): HashFunction => ({
  keyBytesMin,
  make: (key) => (text) => createHmac(algorithm, key).update(text).digest('hex'),
});

/** By the names that configurations use. */
export const HASH_FUNCTIONS: Readonly<Record<string, HashFunction>> = {
  md5: plain('md5'),
  sha1: plain('sha1'),
  sha3: plain('sha3-256'),
  'hmac-sha256': keyed('sha256', 32),
  'hmac-sha512': keyed('sha512', 64),
};

export function hashFunction(name: string): HashFunction | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(HASH_FUNCTIONS, lower) ? HASH_FUNCTIONS[lower] : undefined;
}

/** Asterisks where no hash function is named. */
export function maskFor(name: string, key: string): Mask {
  return hashFunction(name)?.make(key) ?? (() => '****');
}
