import type { AgeIdentity } from './age/age-keys.ts';
import { decryptStream } from './age/decrypt-stream.ts';
import { ByteReader, type ByteSource } from './byte-reader.ts';
import { decompressStream } from './decompress-stream.ts';
import { DETECTION_BYTES, detectCompression, isAge } from './detect.ts';

/**
 * The content of a file as the file exporter writes it: perhaps compressed, then perhaps encrypted. Which, its first bytes
 * tell, whatever its name is. Everything before damage is yielded before the error is thrown.
 *
 * @throws AgeError with the offset in the file; CodecError with the offset in the compressed data: of the file itself, or of
 * what was decrypted from it
 */
export async function* unsealStream(
  source: ByteSource,
  { identities }: { identities: readonly AgeIdentity[] },
): AsyncGenerator<Uint8Array, void, undefined> {
  const [start, whole] = await peekStart(source);
  yield* isAge(start) ? decompressDetected(decryptStream(whole, { identities })) : decompressDetected(whole);
}

async function* decompressDetected(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  const [start, whole] = await peekStart(source);
  yield* decompressStream(whole, { codec: detectCompression(start) ?? 'none' });
}

/** The first bytes of a source, and the source as if nothing had been read. */
async function peekStart(source: ByteSource): Promise<[Uint8Array, AsyncGenerator<Uint8Array, void, undefined>]> {
  const reader = new ByteReader(source);
  await reader.fill(DETECTION_BYTES);
  return [reader.peek(DETECTION_BYTES), readAll(reader)];
}

async function* readAll(reader: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    while (await reader.fill(1)) yield reader.take(reader.peekRun(Number.MAX_SAFE_INTEGER).byteLength);
  } finally {
    await reader.close();
  }
  if (reader.failure !== undefined) throw reader.failure;
}
