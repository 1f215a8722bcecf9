import type { Signal } from './signal.ts';
import { LEN, lengthAt, malformed, skipField, tagAt, varintEnd } from './wire.ts';

/** For each level, a bit for every field that leads to the next; after the last level come the items. */
export const ITEM_PATHS: Record<Signal, readonly number[]> = {
  logs: [1 << 1, 1 << 2, 1 << 2],
  traces: [1 << 1, 1 << 2, 1 << 2],
  // resource_metrics, scope_metrics, metrics, the data oneof, data_points.
  metrics: [1 << 1, 1 << 2, 1 << 2, (1 << 5) | (1 << 7) | (1 << 9) | (1 << 10) | (1 << 11), 1 << 1],
  // resource_profiles, scope_profiles, profiles, samples: the Collector's item of a profile is the sample.
  profiles: [1 << 1, 1 << 2, 1 << 2, 1 << 2],
};

/** Counts log records, spans, data points or profile samples in an export request by walking its lengths. Throws WireError. */
export function countItems(signal: Signal, bytes: Uint8Array): number {
  return countBelow(bytes, 0, bytes.length, ITEM_PATHS[signal], 0);
}

/** Counts the items in the message body `[start, end)`, which lies `level` levels down the path. */
export function countBelow(
  bytes: Uint8Array,
  start: number,
  end: number,
  path: readonly number[],
  level: number,
): number {
  const mask = path[level];
  const isLast = level === path.length - 1;
  let count = 0;
  let pos = start;
  while (pos < end) {
    let tag = bytes[pos];
    if (tag < 0x80 && tag >= 8) {
      pos++;
    } else {
      tag = tagAt(bytes, pos, end);
      pos = varintEnd(bytes, pos, end);
    }
    if ((tag & 7) !== LEN) {
      pos = skipField(bytes, pos, end, tag);
      continue;
    }
    const payload = pos;
    let length = pos < end ? bytes[pos] : 0x80;
    if (length < 0x80) {
      pos++;
      if (length > end - pos) malformed(`length ${length} exceeds the ${end - pos} bytes left`, payload);
    } else {
      length = lengthAt(bytes, pos, end);
      pos = varintEnd(bytes, pos, end);
    }
    if (tag < 256 && ((mask >>> (tag >>> 3)) & 1) === 1)
      count += isLast ? 1 : countBelow(bytes, pos, pos + length, path, level + 1);
    pos += length;
  }
  return count;
}
