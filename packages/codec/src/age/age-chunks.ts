import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { OwnedBytes } from '../owned-bytes.ts';

/** Content of each chunk but the last, in bytes. */
export const AGE_CHUNK_BYTES = 65536;
/** What encryption adds to each chunk, in bytes. */
export const AGE_TAG_BYTES = 16;
/** A whole chunk as it lies in the file, in bytes. */
export const AGE_SEALED_CHUNK_BYTES = AGE_CHUNK_BYTES + AGE_TAG_BYTES;

/** Where in which file a run of chunks lies. */
export interface AgeChunkPosition {
  /** 32 bytes, secret, of one file only. */
  readonly payloadKey: Uint8Array;
  /** Number of the first chunk, from 0. Encrypting different content under one key and number gives both away. */
  readonly counter: number;
  /** Do these chunks end the file? */
  readonly final: boolean;
}

/**
 * Encrypts a run of chunks (https://age-encryption.org/v1, "Payload"): a pure function, for a worker thread. `bytes` may lie
 * in shared memory and must not change meanwhile; the result has its own ArrayBuffer and can be transferred.
 *
 * Without `final`, `bytes` are whole chunks, and the next counter is `counter + bytes.byteLength / AGE_CHUNK_BYTES`. With it, the
 * last chunk may be shorter; it may be empty only if the whole file is.
 *
 * @throws RangeError if `bytes` are no whole chunks, or an empty final chunk follows others
 */
export function sealChunks(bytes: Uint8Array, { payloadKey, counter, final }: AgeChunkPosition): OwnedBytes {
  const length = bytes.byteLength;
  if (!final && length % AGE_CHUNK_BYTES !== 0) {
    throw new RangeError(`cannot seal ${length} bytes: only the end of a file may be less than whole chunks of 65536`);
  }
  if (final && length === 0 && counter > 0) {
    throw new RangeError(
      'cannot seal an empty final chunk after others: hold back the last bytes until the end is known',
    );
  }
  const chunks = final ? Math.max(1, Math.ceil(length / AGE_CHUNK_BYTES)) : length / AGE_CHUNK_BYTES;
  const sealed = new Uint8Array(length + chunks * AGE_TAG_BYTES);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const content = bytes.subarray(chunk * AGE_CHUNK_BYTES, (chunk + 1) * AGE_CHUNK_BYTES);
    const nonce = chunkNonce(counter + chunk, final && chunk === chunks - 1);
    const cipher = createCipheriv('chacha20-poly1305', payloadKey, nonce, { authTagLength: AGE_TAG_BYTES });
    const at = chunk * AGE_SEALED_CHUNK_BYTES;
    sealed.set(cipher.update(content), at);
    cipher.final();
    sealed.set(cipher.getAuthTag(), at + content.byteLength);
  }
  return sealed;
}

/** Decrypts one chunk; undefined if it is not exactly what was sealed at this position. */
export function openChunk(
  sealed: Uint8Array,
  { payloadKey, counter, final }: AgeChunkPosition,
): Uint8Array | undefined {
  const contentBytes = sealed.byteLength - AGE_TAG_BYTES;
  if (contentBytes < 0) return undefined;
  const nonce = chunkNonce(counter, final);
  const decipher = createDecipheriv('chacha20-poly1305', payloadKey, nonce, { authTagLength: AGE_TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(contentBytes));
  const content = decipher.update(sealed.subarray(0, contentBytes));
  try {
    decipher.final();
    return content;
  } catch {
    return undefined;
  }
}

/** Eleven bytes of counter, big-endian, and one that is 1 for the final chunk. */
function chunkNonce(counter: number, final: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  view.setUint32(3, Math.floor(counter / 2 ** 32));
  view.setUint32(7, counter % 2 ** 32);
  nonce[11] = final ? 1 : 0;
  return nonce;
}
