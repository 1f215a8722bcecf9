import { ByteQueue } from '../byte-queue.ts';
import { AGE_CHUNK_BYTES, AGE_SEALED_CHUNK_BYTES, openChunk } from './age-chunks.ts';
import { AgeError, malformedHeader } from './age-error.ts';
import { AGE_VERSION_LINE, parseHeader } from './age-header.ts';
import type { AgeIdentity } from './age-keys.ts';
import { deriveKey, unwrapFileKey } from './file-key.ts';

/**
 * Decrypts an age v1 file that arrives in pieces of any size; holds one chunk (64 KiB), or the header (256 KiB at most).
 *
 * `write` and `end` are generators: run each to its end before the next call. They yield authenticated content only, and
 * everything that precedes damage, and then throw; after that the decryptor is of no more use. The pieces that are yielded
 * belong to the consumer.
 *
 * @throws AgeError all codes but `MALFORMED_KEY`, with the offset in the file
 */
export class AgeDecryptor {
  readonly #identities: readonly AgeIdentity[];
  readonly #queue = new ByteQueue();
  #payloadKey: Uint8Array | undefined;
  /** How much of the waiting bytes has been searched for the end of the header. */
  #searchedBytes = 0;
  #counter = 0;

  constructor(identities: readonly AgeIdentity[]) {
    this.#identities = identities;
  }

  /** Takes the next bytes of the file. They may be reused as soon as the generator is exhausted. */
  *write(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
    this.#queue.push(bytes);
    if (this.#payloadKey === undefined) this.#readHeader();
    // A chunk that ends where the input does may be the final one: it waits for the next byte.
    while (this.#payloadKey !== undefined && this.#queue.length > AGE_SEALED_CHUNK_BYTES) {
      yield* this.#innerChunk(this.#payloadKey);
    }
    this.#queue.keepLast();
  }

  /** The file ends here. */
  *end(): Generator<Uint8Array, void, undefined> {
    const end = this.#queue.offset + this.#queue.length;
    if (this.#payloadKey === undefined) throw truncated('the header', end);
    const payloadKey = this.#payloadKey;
    const { offset } = this.#queue;
    const sealed = this.#queue.take(AGE_SEALED_CHUNK_BYTES);
    const content = openChunk(sealed, { payloadKey, counter: this.#counter, final: true });
    if (content === undefined) {
      const inner = openChunk(sealed, { payloadKey, counter: this.#counter, final: false });
      // Authentic, and announcing more: the file was cut exactly between two chunks.
      if (inner?.byteLength === AGE_CHUNK_BYTES) yield inner;
      else if (sealed.byteLength === AGE_SEALED_CHUNK_BYTES) throw alteredChunk(this.#counter, offset);
      throw truncated(`chunk ${this.#counter} or before the final one`, end);
    }
    if (content.byteLength === 0 && this.#counter > 0) {
      throw new AgeError('ALTERED', `age: final chunk is empty and not the only one, at byte ${offset}`, { offset });
    }
    if (content.byteLength > 0) yield content;
  }

  /** The next chunk, which is not at the end of the file. */
  *#innerChunk(payloadKey: Uint8Array): Generator<Uint8Array, void, undefined> {
    const { offset } = this.#queue;
    const sealed = this.#queue.take(AGE_SEALED_CHUNK_BYTES);
    const content = openChunk(sealed, { payloadKey, counter: this.#counter, final: false });
    if (content !== undefined) {
      this.#counter++;
      yield content;
      return;
    }
    const final = openChunk(sealed, { payloadKey, counter: this.#counter, final: true });
    if (final === undefined) throw alteredChunk(this.#counter, offset);
    yield final;
    const end = this.#queue.offset;
    throw new AgeError('ALTERED', `age: data follows the final chunk, at byte ${end}`, { offset: end });
  }

  #readHeader(): void {
    const headerBytes = this.#headerBytes();
    if (headerBytes === undefined || this.#queue.length < headerBytes + NONCE_BYTES) return;
    const header = parseHeader(this.#queue.take(headerBytes));
    const fileKey = unwrapFileKey(header, this.#identities);
    this.#payloadKey = deriveKey(fileKey, this.#queue.take(NONCE_BYTES), 'payload');
  }

  /** The header's length, once it is all there. No other line of a header begins with `---`. */
  #headerBytes(): number | undefined {
    const waiting = this.#queue.peek(HEADER_BYTES_MAX);
    assertVersion(waiting);
    const text = Buffer.from(waiting.buffer, waiting.byteOffset, waiting.byteLength);
    const macLine = text.indexOf('\n---', Math.max(0, this.#searchedBytes - 3));
    const end = macLine < 0 ? -1 : text.indexOf('\n', macLine + 1);
    if (end >= 0) return end + 1;
    if (waiting.byteLength === HEADER_BYTES_MAX) {
      throw malformedHeader(`header is longer than ${HEADER_BYTES_MAX} bytes`, 0);
    }
    this.#searchedBytes = macLine < 0 ? waiting.byteLength : macLine;
    return undefined;
  }
}

/** Refuses at the first byte that is not age's, rather than after collecting a quarter of a megabyte. */
function assertVersion(start: Uint8Array): void {
  const line = `${AGE_VERSION_LINE}\n`;
  const text = Buffer.from(start.subarray(0, Math.min(start.byteLength, ARMOR_START.length))).toString('latin1');
  if (text === ARMOR_START) throw malformedHeader('file is ASCII-armored; convert it with: age -d -i KEY FILE', 0);
  if (line.startsWith(text.slice(0, line.length)) || ARMOR_START.startsWith(text)) return;
  const isAge = text.startsWith('age-encryption.org/');
  const what = isAge ? `version is not ${AGE_VERSION_LINE}` : `file does not begin with ${AGE_VERSION_LINE}`;
  throw malformedHeader(what, 0);
}

function alteredChunk(counter: number, offset: number): AgeError {
  return new AgeError(
    'ALTERED',
    `age: chunk ${counter} is altered, or data follows the final chunk, at byte ${offset}`,
    {
      offset,
    },
  );
}

function truncated(where: string, offset: number): AgeError {
  return new AgeError('TRUNCATED', `age: file ends inside ${where}, at byte ${offset}`, { offset });
}

const NONCE_BYTES = 16;
const HEADER_BYTES_MAX = 262_144;
const ARMOR_START = '-----BEGIN AGE ENCRYPTED FILE-----';
