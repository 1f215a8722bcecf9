import { LogsBuilder, protoToJson, readAnyValue, valueKind } from '@millrace/otlp';
import { contentOf, formatValue } from '@millrace/rules';

/** What is encrypted for an AnyValue, and the content type (`cty`) that tells how to make it one again. */
export interface Plaintext {
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
}

/** string_value and bytes_value of AnyValue, as tags. */
const STRING = 0x0a;
const BYTES = 0x3a;

/**
 * - a string: its UTF-8, without a content type, so that any JOSE library shows it as it is;
 * - bytes: themselves, as `octet-stream`;
 * - everything else: the AnyValue in OTLP/JSON, as `json`: `{"intValue":"42"}`. This keeps 64 bits, and an int apart from
 *   a double.
 */
export function plaintextOf(value: Uint8Array): Plaintext {
  switch (valueKind(value, 0, value.length)) {
    case 'string':
      return { bytes: contentOf(value, STRING), contentType: undefined };
    case 'bytes':
      return { bytes: contentOf(value, BYTES), contentType: 'octet-stream' };
    case 'int':
      // Half the time of the general way.
      return {
        bytes: Buffer.from(`{"intValue":"${readAnyValue(value, 0, value.length) as number | bigint}"}`),
        contentType: 'json',
      };
    default:
      return { bytes: jsonOf(value), contentType: 'json' };
  }
}

/**
 * What a pseudonym stands for: bytes as they are, everything else as text, so that 42 and "42" have the same pseudonym and
 * can be joined.
 */
export function joinableOf(value: Uint8Array): Uint8Array {
  const kind = valueKind(value, 0, value.length);
  if (kind === 'string' || kind === 'bytes') return plaintextOf(value).bytes;
  const text = formatValue(readAnyValue(value, 0, value.length));
  // A map that holds NaN has no text, and must not be the same as all others.
  return text === '' ? jsonOf(value) : Buffer.from(text);
}

/** OTLP/JSON is defined for requests: the value goes into one as a body, and out of it again. */
function jsonOf(value: Uint8Array): Uint8Array {
  const builder = new LogsBuilder();
  builder.addResource().addScope().addRecord().bodyField.raw = value;
  const json = protoToJson('logs', builder.build().toBytes());
  return json.subarray(BEFORE.length, json.length - AFTER.length);
}

const BEFORE = '{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":[{"body":';
const AFTER = '}]}]}]}';
