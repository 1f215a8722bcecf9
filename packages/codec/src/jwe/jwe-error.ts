/**
 * What is wrong with a token or a key:
 *
 * - `MALFORMED`: not a compact JWE, or its header breaks the format.
 * - `UNSUPPORTED`: a well-formed JWE that asks for something that is not offered: another algorithm, compression, `crit`.
 * - `UNKNOWN_KEY`: the header names a key that is not at hand, or of which only the public half is.
 * - `ALTERED`: it does not authenticate: changed, cut, or made with another key of the same name.
 * - `MALFORMED_KEY`: a key is not written as it should be, is too weak, or does not fit its algorithm.
 * - `KEY_FILE`: a key file cannot be read, or others can read it.
 * - `KEY_EXHAUSTED`: a key has encrypted as much as it safely can.
 */
export type JweErrorCode =
  'MALFORMED' | 'UNSUPPORTED' | 'UNKNOWN_KEY' | 'ALTERED' | 'MALFORMED_KEY' | 'KEY_FILE' | 'KEY_EXHAUSTED';

/** The one error that JWE functions throw for the world's faults. Holds nothing of a key and nothing of a plaintext, nor a cause that might. */
export class JweError extends Error {
  override readonly name = 'JweError';
  readonly code: JweErrorCode;

  constructor(code: JweErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
