/**
 * What is wrong with compressed bytes, or with a request to compress:
 *
 * - `TOO_LARGE`: the output would exceed the caller's limit (a compression bomb, or a limit set too low). HTTP 413.
 * - `CORRUPT`: the bytes break the format, fail a checksum, or are followed by something that is not the format. HTTP 400.
 * - `TRUNCATED`: the bytes are fine as far as they go, and end too early. HTTP 400.
 * - `UNSUPPORTED`: a valid request for something that is not offered, such as a dictionary. HTTP 415.
 */
export type CodecErrorCode = 'TOO_LARGE' | 'CORRUPT' | 'TRUNCATED' | 'UNSUPPORTED';

/** The one error that compression and decompression throw for the world's faults. Never retryable: the same bytes fail again. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
  readonly retryable = false;
  readonly code: CodecErrorCode;
  /** Offset in the compressed input, in bytes from its start, of the damage or of the frame that holds it; undefined where unknown. */
  readonly offset: number | undefined;

  constructor(code: CodecErrorCode, message: string, details: { offset?: number; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.offset = details.offset;
  }
}

/** The input breaks its format at `offset`. */
export function corrupt(format: string, what: string, offset: number, cause?: unknown): CodecError {
  return new CodecError('CORRUPT', `${format}: ${what}, at byte ${offset}`, { offset, cause });
}

/** The input ends inside `what`; `offset` is its length. */
export function truncated(format: string, what: string, offset: number): CodecError {
  return new CodecError('TRUNCATED', `${format}: input ends inside ${what}, at byte ${offset}`, { offset });
}

/** The output would exceed `maxBytes`. */
export function tooLarge(format: string, maxBytes: number, offset: number, why = ''): CodecError {
  const reason = why === '' ? '' : ` (${why})`;
  return new CodecError(
    'TOO_LARGE',
    `${format}: decompresses to more than ${maxBytes} bytes, the limit here${reason}`,
    {
      offset,
    },
  );
}

/** The input is valid, and asks for something that is not offered. */
export function unsupported(format: string, what: string, offset: number): CodecError {
  return new CodecError('UNSUPPORTED', `${format}: ${what}, at byte ${offset}`, { offset });
}
