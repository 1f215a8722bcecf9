import { createHash } from 'node:crypto';
import { posix } from 'node:path';

/**
 * The file of a group: `pattern` with its `*` replaced by the group's name. Slashes in the name make directories, but
 * nothing in it leads out of what precedes the `*`: names come from whoever sends telemetry.
 */
export function groupPath(pattern: string, name: string): string {
  const star = pattern.indexOf('*');
  const prefix = pattern.slice(0, star);
  const suffix = pattern.slice(star + 1);
  // From the root, no number of ".." leads anywhere but to the root.
  const inside = posix.normalize(`/${name.replaceAll(UNUSABLE, '_')}`).slice(1);
  return prefix + inside.split('/').map(shortened).join('/') + suffix;
}

/** The name cut to what file systems take, with room for extensions and the time of a rotation; a hash keeps names apart. */
function shortened(part: string): string {
  const bytes = Buffer.from(part);
  if (bytes.byteLength <= PART_BYTES_MAX) return part;
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, HASH_DIGITS);
  return `${bytes
    .subarray(0, PART_BYTES_MAX - 2 * HASH_DIGITS)
    .toString()
    .replaceAll('\uFFFD', '')}~${hash}`;
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const UNUSABLE = /[\u0000-\u001f\u007f\\*]/g;
const PART_BYTES_MAX = 160;
const HASH_DIGITS = 16;
