/** What is wrong with a message, as a stable identifier. */
export type InvalidMessageCode =
  /** The data ends within a field, or a length points beyond the message that holds it. */
  | 'TRUNCATED'
  /** A varint of more than 64 bits (or a tag of more than 32, a length of more than 31). */
  | 'VARINT_TOO_LONG'
  /** A tag with field number 0. */
  | 'FIELD_NUMBER'
  /** A group (wire types 3 and 4) or a reserved wire type (6 and 7). */
  | 'WIRE_TYPE_REFUSED'
  /** A known field in another wire type than its own. */
  | 'WIRE_TYPE_MISMATCH'
  /** A packed field whose length is not a multiple of its element's. */
  | 'PACKED_LENGTH'
  | 'UTF8'
  /** A trace id that has neither 0 nor 16 bytes, or a span id that has neither 0 nor 8. */
  | 'ID_LENGTH'
  | 'DEPTH'
  | 'SIZE'
  /** Not JSON at all. */
  | 'JSON_SYNTAX'
  /** JSON, but of another type than the field takes: a name for an enum, text for a number, a bad id. */
  | 'JSON_VALUE';

/** Where and why a message was refused. */
export interface InvalidMessageDetails {
  readonly code: InvalidMessageCode;
  /** Byte position in the input. */
  readonly offset: number;
  /** `resourceLogs[2].scopeLogs[0].logRecords[17].attributes[3].value`; empty for the message as a whole. */
  readonly path: string;
  /** 1-based line and column; JSON only. */
  readonly line?: number;
  readonly column?: number;
}

/** OTLP input that can never be accepted as it is. Receivers answer 400 / INVALID_ARGUMENT with its message. */
export class InvalidMessage extends Error {
  readonly code: InvalidMessageCode;
  readonly retryable = false;
  readonly offset: number;
  readonly path: string;
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(what: string, details: InvalidMessageDetails) {
    const position = details.line === undefined ? `byte ${details.offset}` : `${details.line}:${details.column}`;
    super(`${what} (at ${position}${details.path === '' ? '' : `, ${details.path}`})`);
    this.name = 'InvalidMessage';
    this.code = details.code;
    this.offset = details.offset;
    this.path = details.path;
    this.line = details.line;
    this.column = details.column;
  }
}
