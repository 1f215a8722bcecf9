import type { ByteSource } from '../byte-reader.ts';
import { AgeDecryptor } from './age-decryptor.ts';
import type { AgeIdentity } from './age-keys.ts';

/**
 * Decrypts a stream as {@link AgeDecryptor} does. If `source` throws, what arrived whole has been yielded and the error is
 * passed on.
 */
export async function* decryptStream(
  source: ByteSource,
  { identities }: { identities: readonly AgeIdentity[] },
): AsyncGenerator<Uint8Array, void, undefined> {
  const decryptor = new AgeDecryptor(identities);
  for await (const bytes of source) yield* decryptor.write(bytes);
  yield* decryptor.end();
}
