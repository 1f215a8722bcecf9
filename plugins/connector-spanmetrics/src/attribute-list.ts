import type { WireReader } from '@millrace/otlp';

/** Where the attributes of one message lie in its chunk; reused, and filled without an allocation once it is large enough. */
export class AttributeList {
  count = 0;
  /** Four for each: start and end of the key's text, start and end of the AnyValue. */
  places = new Int32Array(32 * 4);

  clear(): void {
    this.count = 0;
  }

  /** Adds the KeyValue at `[reader.pos, end)` and leaves the reader behind it. */
  add(reader: WireReader, end: number): void {
    if (this.places.length === this.count * 4) this.#grow();
    const { bytes, pos } = reader;
    const at = this.count++ * 4;
    const { places } = this;
    // The order and lengths that every encoder writes; other forms go the long way.
    if (end - pos >= 4 && bytes[pos] === KEY && bytes[pos + 1] < 0x80) {
      const keyEnd = pos + 2 + bytes[pos + 1];
      if (
        keyEnd + 2 <= end &&
        bytes[keyEnd] === VALUE &&
        bytes[keyEnd + 1] === end - keyEnd - 2 &&
        end - keyEnd < 130
      ) {
        places[at] = pos + 2;
        places[at + 1] = keyEnd;
        places[at + 2] = keyEnd + 2;
        places[at + 3] = end;
        reader.pos = end;
        return;
      }
    }
    this.#addAny(reader, end, at);
  }

  #addAny(reader: WireReader, end: number, at: number): void {
    const { places } = this;
    places[at] = places[at + 1] = places[at + 2] = places[at + 3] = end;
    const outerEnd = reader.end;
    reader.end = end;
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag !== KEY && tag !== VALUE) {
        reader.skip(tag);
        continue;
      }
      const fieldEnd = reader.lengthEnd();
      const to = tag === KEY ? at : at + 2;
      places[to] = reader.pos;
      places[to + 1] = fieldEnd;
      reader.pos = fieldEnd;
    }
    reader.end = outerEnd;
  }

  #grow(): void {
    const larger = new Int32Array(this.places.length * 2);
    larger.set(this.places);
    this.places = larger;
  }
}

/** Fields of KeyValue, both length-delimited. */
const KEY = (1 << 3) | 2;
const VALUE = (2 << 3) | 2;
