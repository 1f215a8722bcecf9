/** What a byte of a segment belongs to. */
export type Hit =
  | { readonly kind: 'entry'; readonly sequence: number; readonly queue: string }
  /** Marks of entries that are done, by their sequences. */
  | { readonly kind: 'marks'; readonly sequences: readonly number[] }
  | { readonly kind: 'other' };

const MAGIC = Buffer.from([0xd7, 0x4d, 0x52, 0x0c]);
const FILE_HEADER_BYTES = 4096;
const HEADER_BYTES = 44;
const KINDS = [undefined, 'entry', 'marks'] as const;

/**
 * What stands at an offset of a segment that is whole. Written by hand: what tells which items a flipped bit excuses must
 * not be what is under test.
 */
export function hitAt(segment: Buffer, offset: number): Hit {
  let at = FILE_HEADER_BYTES;
  while (at + HEADER_BYTES <= segment.length && at <= offset) {
    const end = at + HEADER_BYTES + segment.readUInt32LE(at + 12);
    if (!segment.subarray(at, at + 4).equals(MAGIC) || end > segment.length) {
      const next = segment.indexOf(MAGIC, at + 1);
      if (next < 0) break;
      at = next;
    } else if (offset < end) return recordAt(segment, at, end);
    else at = end;
  }
  return { kind: 'other' };
}

function recordAt(segment: Buffer, at: number, end: number): Hit {
  const kind = KINDS[segment[at + 28]];
  const payload = segment.subarray(at + HEADER_BYTES, end);
  if (kind === 'entry') {
    const sequence = segment.readUInt32LE(at + 16) + segment.readUInt16LE(at + 20) * 2 ** 32;
    return { kind, sequence, queue: payload.toString('utf8', 0, segment.readUInt16LE(at + 30)) };
  }
  return kind === 'marks' ? { kind, sequences: [...sequencesIn(payload)] } : { kind: 'other' };
}

/** Behind the number of a segment: distances and lengths of runs. */
function* sequencesIn(marks: Buffer): Iterable<number> {
  let at = 4;
  let end = 0;
  const next = () => {
    let value = 0;
    for (let scale = 1; at < marks.length; scale *= 128) {
      const byte = marks[at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < marks.length) {
    const first = end + next();
    const count = next();
    for (let index = 0; index < count; index++) yield first + index;
    end = first + count;
  }
}
