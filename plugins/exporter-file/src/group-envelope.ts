/** What goes to one of several files. */
export interface Group {
  /** The resource attribute's value. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Several groups as one payload, on their way from the encoder to the sink: name and bytes, each after its length. */
export function joinGroups(groups: readonly Group[]): Uint8Array {
  const parts = groups.flatMap(({ name, bytes }) => {
    const text = Buffer.from(name);
    return [lengthOf(text), text, lengthOf(bytes), bytes];
  });
  return Uint8Array.from(Buffer.concat(parts));
}

/** The groups of a payload, as views of it. */
export function splitGroups(payload: Uint8Array): Group[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const groups: Group[] = [];
  let at = 0;
  const next = (): Uint8Array => {
    const start = at + LENGTH_BYTES;
    at = start + view.getUint32(at);
    return payload.subarray(start, at);
  };
  while (at < payload.byteLength) {
    const name = Buffer.from(next()).toString();
    groups.push({ name, bytes: next() });
  }
  return groups;
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, bytes.byteLength);
  return length;
}

const LENGTH_BYTES = 4;
