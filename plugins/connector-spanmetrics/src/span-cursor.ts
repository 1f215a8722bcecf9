import type { WireReader } from '@millrace/otlp';
import { AttributeList } from './attribute-list.ts';

/** What of a span is worth finding. */
export interface SpanNeeds {
  readonly attributes: boolean;
  readonly events: boolean;
}

/**
 * One span where it lies on the wire (opentelemetry/proto/trace/v1/trace.proto): places and numbers, nothing decoded. The
 * object is reused. See benchmarks/micro/spanmetrics.ts.
 */
export class SpanCursor {
  readonly attributes = new AttributeList();
  /** Places of the events' bodies, two for each. */
  events = new Int32Array(8);
  eventCount = 0;
  kind = 0;
  statusCode = 0;
  /** Zero where the span ends before it starts. */
  durationNano = 0;
  nameStart = 0;
  nameEnd = 0;
  stateStart = 0;
  stateEnd = 0;
  traceIdStart = 0;
  traceIdEnd = 0;
  spanIdStart = 0;
  spanIdEnd = 0;
  readonly #needs: SpanNeeds;

  constructor(needs: SpanNeeds) {
    this.#needs = needs;
  }

  /** Reads the span at `[reader.pos, end)`. */
  read(reader: WireReader, end: number): void {
    this.#reset(reader.pos);
    const { bytes } = reader;
    let startAt = -1;
    let endAt = -1;
    while (reader.pos < end) {
      const tag = reader.tag();
      switch (tag) {
        case NAME: {
          const fieldEnd = reader.lengthEnd();
          this.nameStart = reader.pos;
          reader.pos = this.nameEnd = fieldEnd;
          break;
        }
        case KIND:
          this.kind = reader.int32();
          break;
        case START_TIME:
          startAt = reader.pos;
          reader.skip(tag);
          break;
        case END_TIME:
          endAt = reader.pos;
          reader.skip(tag);
          break;
        case ATTRIBUTE: {
          const fieldEnd = reader.lengthEnd();
          if (this.#needs.attributes) this.attributes.add(reader, fieldEnd);
          reader.pos = fieldEnd;
          break;
        }
        case STATUS:
          this.#readStatus(reader);
          break;
        default:
          this.#readSeldom(reader, tag);
      }
    }
    this.durationNano = startAt < 0 || endAt < 0 ? 0 : Math.max(0, difference(bytes, startAt, endAt));
  }

  #reset(at: number): void {
    this.attributes.clear();
    this.eventCount = 0;
    this.kind = 0;
    this.statusCode = 0;
    this.nameStart = this.nameEnd = at;
    this.stateStart = this.stateEnd = at;
    this.traceIdStart = this.traceIdEnd = at;
    this.spanIdStart = this.spanIdEnd = at;
  }

  #readStatus(reader: WireReader): void {
    const end = reader.lengthEnd();
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag === STATUS_CODE) this.statusCode = reader.int32();
      else reader.skip(tag);
    }
  }

  #readSeldom(reader: WireReader, tag: number): void {
    if ((tag & 7) !== 2) return reader.skip(tag);
    const end = reader.lengthEnd();
    if (tag === TRACE_ID) {
      this.traceIdStart = reader.pos;
      this.traceIdEnd = end;
    } else if (tag === SPAN_ID) {
      this.spanIdStart = reader.pos;
      this.spanIdEnd = end;
    } else if (tag === TRACE_STATE) {
      this.stateStart = reader.pos;
      this.stateEnd = end;
    } else if (tag === EVENT && this.#needs.events) {
      this.#addEvent(reader.pos, end);
    }
    reader.pos = end;
  }

  #addEvent(start: number, end: number): void {
    if (this.events.length === this.eventCount * 2) {
      const larger = new Int32Array(this.events.length * 2);
      larger.set(this.events);
      this.events = larger;
    }
    this.events[this.eventCount * 2] = start;
    this.events[this.eventCount * 2 + 1] = end;
    this.eventCount++;
  }
}

const TRACE_ID = (1 << 3) | 2;
const SPAN_ID = (2 << 3) | 2;
const TRACE_STATE = (3 << 3) | 2;
const NAME = (5 << 3) | 2;
const KIND = 6 << 3;
const START_TIME = (7 << 3) | 1;
const END_TIME = (8 << 3) | 1;
const ATTRIBUTE = (9 << 3) | 2;
const EVENT = (11 << 3) | 2;
const STATUS = (15 << 3) | 2;
const STATUS_CODE = 3 << 3;

/** Of two unsigned 64-bit integers; exact below 2^53. */
function difference(bytes: Uint8Array, from: number, to: number): number {
  return (word(bytes, to + 4) - word(bytes, from + 4)) * 2 ** 32 + (word(bytes, to) - word(bytes, from));
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}
