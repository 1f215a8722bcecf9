/** Sequences of entries of one segment that are done, as runs: first, count, first, count, … in rising order. */
export interface DoneMarks {
  readonly segment: number;
  readonly runs: readonly number[];
}

/** Sequences of one kind of thing, in any order, to runs. */
export function runsOf(sequences: readonly number[]): number[] {
  const sorted = sequences.toSorted((a, b) => a - b);
  const runs: number[] = [];
  for (const sequence of sorted) {
    const end = runs.length === 0 ? -1 : runs[runs.length - 2] + runs[runs.length - 1];
    if (sequence === end) runs[runs.length - 1] += 1;
    else if (sequence > end) runs.push(sequence, 1);
  }
  return runs;
}

/** The segment (4 bytes), then for each run its distance from the end of the one before and its length, as varints. */
export function encodeMarks({ segment, runs }: DoneMarks): Buffer {
  const bytes = Buffer.alloc(4 + runs.length * 8);
  bytes.writeUInt32LE(segment);
  let at = 4;
  let end = 0;
  for (let index = 0; index < runs.length; index += 2) {
    at = writeVarint(bytes, at, runs[index] - end);
    at = writeVarint(bytes, at, runs[index + 1]);
    end = runs[index] + runs[index + 1];
  }
  return bytes.subarray(0, at);
}

export function decodeMarks(bytes: Uint8Array): DoneMarks {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const runs: number[] = [];
  let at = 4;
  let end = 0;
  const next = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = buffer[at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80 || at >= buffer.length) return value;
      scale *= 128;
    }
  };
  while (at < buffer.length) {
    const first = end + next();
    const count = next();
    runs.push(first, count);
    end = first + count;
  }
  return { segment: buffer.readUInt32LE(), runs };
}

/** Answers whether sequences are in runs that were collected in any order, overlapping or not. */
export class RunSet {
  readonly #runs: readonly (readonly [first: number, end: number])[];

  constructor(runs: readonly number[]) {
    const sorted: [number, number][] = [];
    for (let index = 0; index < runs.length; index += 2) sorted.push([runs[index], runs[index] + runs[index + 1]]);
    sorted.sort((a, b) => a[0] - b[0]);
    const merged: [number, number][] = [];
    for (const run of sorted) {
      const last = merged.at(-1);
      if (last !== undefined && run[0] <= last[1]) last[1] = Math.max(last[1], run[1]);
      else merged.push(run);
    }
    this.#runs = merged;
  }

  has(sequence: number): boolean {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#runs[middle][1] <= sequence) low = middle + 1;
      else high = middle;
    }
    return low < this.#runs.length && this.#runs[low][0] <= sequence;
  }

  get runs(): number[] {
    return this.#runs.flatMap(([first, end]) => [first, end - first]);
  }
}

function writeVarint(bytes: Buffer, from: number, value: number): number {
  let at = from;
  let rest = value;
  while (rest >= 0x80) {
    bytes[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  bytes[at++] = rest;
  return at;
}
