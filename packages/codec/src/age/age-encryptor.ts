import { randomBytes } from 'node:crypto';
import { concatBytes, copiedBytes, type OwnedBytes } from '../owned-bytes.ts';
import { AGE_CHUNK_BYTES, sealChunks } from './age-chunks.ts';
import { formatHeaderEnd, formatHeaderStart } from './age-header.ts';
import type { AgeRecipient } from './age-keys.ts';
import { FILE_KEY_BYTES, deriveKey, headerMac, wrapFileKey } from './file-key.ts';

/** All that is needed to go on with an encrypted file: plain data, which may be handed to another thread. Holds the key. */
export interface AgeFileState {
  /** 32 bytes, secret, of this file only. */
  readonly payloadKey: Uint8Array;
  /** Number of the next chunk. */
  readonly counter: number;
  /** Written and not sealed: 64 KiB at most, since a chunk can be sealed only when it is known whether it is the last. */
  readonly pending: Uint8Array;
}

/**
 * Begins a file for one or more recipients: makes its keys, and the header (with the payload's nonce) to be written first.
 *
 * @param random source of randomness; cryptographically strong (default: the operating system's), another only in tests
 * @throws RangeError without recipients
 */
export function startAgeFile(
  recipients: readonly AgeRecipient[],
  random: (bytes: number) => Uint8Array = randomBytes,
): { header: OwnedBytes; state: AgeFileState } {
  if (recipients.length === 0) throw new RangeError('cannot encrypt for nobody: give at least one recipient');
  const fileKey = random(FILE_KEY_BYTES);
  const start = formatHeaderStart(recipients.map((recipient) => wrapFileKey(fileKey, recipient, random(32))));
  const nonce = random(NONCE_BYTES);
  const header = concatBytes([Buffer.from(start + formatHeaderEnd(headerMac(fileKey, start))), nonce]);
  const payloadKey = deriveKey(fileKey, nonce, 'payload');
  return { header, state: { payloadKey, counter: 0, pending: new Uint8Array(0) } };
}

/**
 * Seals as much as can be of what is pending and `bytes`, which come after it; a pure function, for a worker thread. `bytes`
 * may lie in shared memory and must not change meanwhile; result and new state have their own memory.
 *
 * One state leads to one file: going on twice from the same state with different bytes gives both away.
 *
 * @param bytes what to append
 * @param options `final`: that was all, and the state is of no more use. `moreFollows`: the file will certainly go on, by a byte
 * at least, so that a full last chunk needs not be held back; with {@link chunkPadding} nothing then is pending
 */
export function continueAgeFile(
  state: AgeFileState,
  bytes: Uint8Array,
  { final, moreFollows = false }: { final: boolean; moreFollows?: boolean },
): { sealed: OwnedBytes; state: AgeFileState } {
  const { payloadKey, counter, pending } = state;
  const total = pending.byteLength + bytes.byteLength;
  // Otherwise one byte at least is held back: the final chunk must not be empty.
  const available = moreFollows ? total : Math.max(0, total - 1);
  const wholeChunks = final ? 0 : Math.floor(available / AGE_CHUNK_BYTES);
  const sealedBytes = final ? total : wholeChunks * AGE_CHUNK_BYTES;
  const content = pending.byteLength === 0 ? bytes : join(pending, bytes);
  const sealed = sealChunks(content.subarray(0, sealedBytes), { payloadKey, counter, final });
  const next = { payloadKey, counter: counter + wholeChunks, pending: copiedBytes(content.subarray(sealedBytes)) };
  return { sealed, state: next };
}

/** Encrypts a file piece by piece. What `write` and `end` return, concatenated, is the file. Holds 64 KiB at most. */
export class AgeEncryptor {
  #header: Uint8Array;
  #state: AgeFileState;

  constructor(recipients: readonly AgeRecipient[], random?: (bytes: number) => Uint8Array) {
    const { header, state } = startAgeFile(recipients, random);
    this.#header = header;
    this.#state = state;
  }

  /** Takes `bytes` and returns what is ready to be written, which may be nothing (length 0). */
  write(bytes: Uint8Array): OwnedBytes {
    return this.#append(bytes, false);
  }

  /** Returns the rest of the file. Nothing may be written afterwards. */
  end(): OwnedBytes {
    return this.#append(new Uint8Array(0), true);
  }

  #append(bytes: Uint8Array, final: boolean): OwnedBytes {
    const { sealed, state } = continueAgeFile(this.#state, bytes, { final });
    const header = this.#header;
    this.#state = state;
    this.#header = new Uint8Array(0);
    return header.byteLength === 0 ? sealed : join(header, sealed);
  }
}

function join(first: Uint8Array, second: Uint8Array): OwnedBytes {
  const joined = new Uint8Array(first.byteLength + second.byteLength);
  joined.set(first);
  joined.set(second, first.byteLength);
  return joined;
}

const NONCE_BYTES = 16;
