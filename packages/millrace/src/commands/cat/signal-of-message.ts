import { validate, WireReader, type Signal } from '@millrace/otlp';

/** The signal of an OTLP/JSON request, by its first key that names one; undefined if there is none at its start. */
export function signalOfJson(line: Uint8Array): Signal | undefined {
  const start = Buffer.from(line.buffer, line.byteOffset, Math.min(line.byteLength, SEARCHED_BYTES)).toString('latin1');
  const key = /"resource(Logs|Spans|Metrics|Profiles)"/.exec(start)?.[1];
  return key === undefined ? undefined : SIGNAL_OF_KEY[key];
}

/**
 * The signal of an OTLP protobuf request, by what it validates as: the requests of all signals begin alike, but their items
 * have fields of other types. Undefined for requests without items, which could be any.
 *
 * @throws {InvalidMessage} of the best guess if it is none. `at` is where it lies, for the message
 */
export function signalOfProto(message: Uint8Array, at: number): Signal | undefined {
  let failure: unknown;
  for (const signal of hasDictionary(message) ? PROFILES : OTHERS) {
    try {
      if (validate(signal, message).items > 0) return signal;
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure === undefined) return undefined;
  throw new Error(`holds a message that is not OTLP, at byte ${at}`, { cause: failure });
}

/** Only requests of profiles have a second field that OTLP knows. */
function hasDictionary(message: Uint8Array): boolean {
  const reader = new WireReader(message);
  try {
    while (!reader.done) {
      const tag = reader.tag();
      if (tag === DICTIONARY_TAG) return true;
      reader.skip(tag);
    }
  } catch {
    // Then it validates as nothing.
  }
  return false;
}

const SEARCHED_BYTES = 4096;
const SIGNAL_OF_KEY: Readonly<Record<string, Signal>> = {
  Logs: 'logs',
  Spans: 'traces',
  Metrics: 'metrics',
  Profiles: 'profiles',
};
const PROFILES: readonly Signal[] = ['profiles'];
const OTHERS: readonly Signal[] = ['logs', 'traces', 'metrics'];
const DICTIONARY_TAG = 18;
