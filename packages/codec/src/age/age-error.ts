/**
 * What is wrong with an age file or a key:
 *
 * - `MALFORMED_HEADER`: not an age v1 file, or its header breaks the format.
 * - `NO_MATCHING_IDENTITY`: the header is well-formed, and none of the identities given opens it.
 * - `ALTERED`: a checked part does not match: the header's MAC, or a chunk's tag; or data follows the final chunk.
 * - `TRUNCATED`: the file ends early. So is a last chunk called that is shorter than 64 KiB and does not authenticate: being
 *   cut in the middle, which is likely, and being changed cannot be told apart.
 * - `MALFORMED_KEY`: a recipient or an identity is not written as it should be.
 */
export type AgeErrorCode = 'MALFORMED_HEADER' | 'NO_MATCHING_IDENTITY' | 'ALTERED' | 'TRUNCATED' | 'MALFORMED_KEY';

/** The one error that age functions throw for the world's faults. Never retryable: the same bytes fail again. */
export class AgeError extends Error {
  override readonly name = 'AgeError';
  readonly retryable = false;
  readonly code: AgeErrorCode;
  /** Offset in the encrypted file, in bytes from its start, of the part at fault; undefined for keys. */
  readonly offset: number | undefined;

  constructor(code: AgeErrorCode, message: string, details: { offset?: number; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.offset = details.offset;
  }
}

export function malformedHeader(what: string, offset: number): AgeError {
  return new AgeError('MALFORMED_HEADER', `age: ${what}, at byte ${offset}`, { offset });
}
