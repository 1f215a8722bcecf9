import type { Signal } from './signal.ts';
import { inspect } from './inspect.ts';
import type { Inspection } from './inspect.ts';
import { InvalidMessage } from './invalid-message.ts';
import { BAD, OK } from './walker-format.ts';
import { walkerFor } from './walker.ts';

export interface ValidateOptions {
  /**
   * How many messages may be nested in one another, default {@link DEPTH_MAX}. A log record's attribute value is at 5, an array
   * within it adds 2 and a key-value list 3.
   */
  readonly depthMax?: number;
}

/** Nesting that is accepted unless the caller says otherwise; protobuf's own parsers stop at 100. */
export const DEPTH_MAX = 64;

/**
 * Checks an Export*ServiceRequest and counts its items, in one pass, without decoding. Called once for everything that
 * arrives; what passes can be merged, split and read without further checks.
 *
 * `canonical` promises that no singular field occurs twice in its message, no two members of a oneof are set, and the
 * tags of known fields are one byte (two for field 16). Bytes that are not canonical are valid protobuf all the same;
 * {@link normalize} rewrites them.
 *
 * For profiles, whose definition still changes, the profiles and the dictionary are checked for their form only.
 *
 * @throws {InvalidMessage} with the position and the path of the first fault. Never anything else, whatever the bytes.
 */
export function validate(signal: Signal, bytes: Uint8Array, options: ValidateOptions = {}): Inspection {
  const depthMax = options.depthMax ?? DEPTH_MAX;
  if (signal === 'profiles') return inspect(signal, bytes, depthMax);
  const walker = walkerFor(bytes.length);
  const result = walker.walk(signal, bytes, depthMax);
  if (result & BAD) throw explained(signal, bytes, depthMax);
  return { items: walker.items, canonical: result === OK };
}

function explained(signal: Signal, bytes: Uint8Array, depthMax: number): Error {
  try {
    inspect(signal, bytes, depthMax);
  } catch (error) {
    if (error instanceof InvalidMessage) return error;
    throw error;
  }
  return new Error('the fast and the thorough validation disagree; please report this with the message');
}
