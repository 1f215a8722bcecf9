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
    const at = this.count++ * 4;
    const places = this.places;
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
