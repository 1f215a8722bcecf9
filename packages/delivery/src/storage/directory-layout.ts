import path from 'node:path';

/** The format version and the store's id. */
export const DIRECTORY_HEADER = 'millrace-storage.json';
export const LOCK = 'LOCK';
/** Damaged parts and reports about them. */
export const QUARANTINE = 'quarantine';

const SEGMENT = /^(\d{8,10})\.seg$/;
/** Files that were being made; whoever opens the directory removes them. */
const UNFINISHED = /^(?:spare-\d+|\d{8,10}|header-\d+|LOCK-[0-9a-f]+)\.new$/;
const LOCK_PARTS = /^LOCK(?:\.takeover)?$/;

export function segmentPath(directory: string, segment: number): string {
  return path.join(directory, `${String(segment).padStart(8, '0')}.seg`);
}

export interface DirectoryListing {
  /** Numbers of the segments, rising. */
  readonly segments: readonly number[];
  readonly unfinished: readonly string[];
  /** Not ours: left alone. */
  readonly foreign: readonly string[];
}

export function sortNames(names: readonly string[]): DirectoryListing {
  const segments: number[] = [];
  const unfinished: string[] = [];
  const foreign: string[] = [];
  for (const name of names) {
    const number = Number(SEGMENT.exec(name)?.[1]);
    // A number has one spelling only; a copy that somebody made under another one is not ours.
    if (number <= 0xffff_ffff && path.basename(segmentPath('', number)) === name) segments.push(number);
    else if (UNFINISHED.test(name)) unfinished.push(name);
    else if (name !== DIRECTORY_HEADER && name !== QUARANTINE && !LOCK_PARTS.test(name)) foreign.push(name);
  }
  return { segments: segments.toSorted((a, b) => a - b), unfinished, foreign: foreign.toSorted() };
}
